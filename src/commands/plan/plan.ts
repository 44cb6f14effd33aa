export async function plan(_f: string, _o: object): Promise<void> {}
