import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Desk } from '../desk';

export const DeskContext = createContext<Desk | undefined>(undefined);
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('This is shown within a desk only.');
  return desk;
}
