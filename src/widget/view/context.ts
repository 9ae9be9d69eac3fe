import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Model } from '../model/model';

export const ModelContext = createContext<Model>(undefined as never);
export const useModel = (): Model => useContext(ModelContext);
