import { textsApart } from '../apart';
import { ar } from './ar';
import { de } from './de';
import { en } from './en';

export const m = textsApart({ en, de, ar });
