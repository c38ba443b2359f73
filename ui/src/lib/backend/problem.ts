import type { Problem } from './generated';

/** What was thrown, as a problem that has a sentence. Anything unforeseen counts as a defect of this app. */
export function asProblem(error: unknown): Problem {
    if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
        const params = 'params' in error && typeof error.params === 'object' ? error.params : null;
        return { code: error.code, params: { ...params } };
    }
    return { code: 'internal', params: {} };
}
