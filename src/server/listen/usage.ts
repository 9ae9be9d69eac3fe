export const listenUsage = `guichet listen --server ORIGIN --token gct_… [--forward URL] [--event NAME …] [--from CURSOR]
               [--secret whsec_…] [--json]
                          print the webhooks of a server, and hand them to a bot on this machine`;
