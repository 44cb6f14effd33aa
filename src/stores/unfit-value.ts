/** Why a column cannot hold a value, to be read after the column's name. */
export interface UnfitValue {
  readonly unfit: string;
}
