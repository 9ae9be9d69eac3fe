/** What the desk reads of `/v2`. Other fields pass by. */
export type Part = Record<string, unknown>;

export type Message = {
  id: string;
  actor_type: 'user' | 'agent' | 'bot' | 'system';
  actor_id: string;
  message_type: 'normal' | 'private' | 'system';
  created_time: string;
  message_parts: Part[];
  reply_parts: Part[];
  in_reply_to?: { message_id: string; part?: Part };
  actor_name?: string;
  client_id?: string;
  seq: number;
};

export type Conversation = {
  conversation_id: string;
  status: string;
  user_id: string;
  assigned_agent_id?: string;
  assigned_group_id?: string;
  updated_time: string;
  seq: number;
  customer_read: number;
  business_read: number;
  unread?: number;
  last_message?: Message;
};

export type WebViewRef = { id: string; url: string; origin: string; title?: string };

/** An entry of a conversation's log; of types that are not named here only the head is read. */
export type LogEvent = {
  id: string;
  conversation_id: string;
  seq: number;
  type: string;
  time: string;
  actor: { actor_type: string; actor_id: string };
  data: {
    message?: Message;
    up_to?: number;
    to_agent_id?: string;
    to_group_id?: string;
    from_agent_id?: string;
    web_view?: WebViewRef;
    resumed?: boolean;
    summary?: string;
    source?: 'page' | 'business';
    reason?: string;
    submitted?: boolean;
  };
  /** Its conversation as it is now: the socket and `/v2/events` tell it. */
  conversation?: {
    id: string;
    status: string;
    user_id: string;
    assigned_agent_id?: string;
    assigned_group_id?: string;
    updated_time: string;
  };
};

export type User = {
  id: string;
  first_name?: string;
  last_name?: string;
  email?: string;
  phone?: string;
  reference_id?: string;
  vouched: boolean;
  created_time: string;
};

export type Agent = { id: string; first_name?: string; last_name?: string; actor_type?: 'agent' | 'bot' };

export type Session = { token: string; agent: { id: string; name: string } };
