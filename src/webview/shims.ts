import { installShims } from './otherSdks';
import { view } from './tag';

export { connect } from './sdk';
export { view };

installShims(window, view);
