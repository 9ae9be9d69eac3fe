/** A tab with the widget's model in it. */
import { openCustomer } from './customer';
import { openFolderStorage } from './folderStorage';
import { serveTab } from './tabThread';

serveTab(({ url, site, folder, name }, tools) =>
  openCustomer({ url, site, storage: openFolderStorage(folder, name), ...tools }),
);
