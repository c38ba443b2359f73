/** Whether two identities are the same: as the server compares them, without regard to case. */
export function sameIdentity(a: string, b: string): boolean {
    const key = (text: string) => text.trim().normalize('NFKC').toUpperCase().toLowerCase();
    return key(a) === key(b);
}
