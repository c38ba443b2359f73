import { asProblem, type Problem, type Reach } from '$lib/backend';

export type Step = 'choose' | 'start' | 'join' | 'sign_in';

/** What was typed on the first-run screen, and how the last try went. */
export class Entry {
    step = $state<Step>('choose');
    busy = $state(false);
    problem = $state<Problem | null>(null);

    start = $state({ workspaceName: '', displayName: '', reach: 'computer' as Reach, password: '' });
    join = $state({ link: '', name: '', password: '' });
    signIn = $state({ address: '', name: '', password: '' });

    go(step: Step): void {
        this.step = step;
        this.problem = null;
    }

    /** Runs one try; the form stays as it is until the session comes or the refusal is read. */
    async attempt(action: () => Promise<void>): Promise<void> {
        if (this.busy) return;
        this.busy = true;
        this.problem = null;
        try {
            await action();
        } catch (error) {
            this.problem = asProblem(error);
        } finally {
            this.busy = false;
        }
    }

    /** The refusal, when it has to do with this field; `fields` names the codes of each, the first takes the rest. */
    problemAt<F extends string>(fields: Record<F, string[]>, field: F): Problem | null {
        if (this.problem === null) return null;
        const names = Object.keys(fields) as F[];
        const { code, params } = this.problem;
        const owner =
            names.find((name) => name === params.field || fields[name].includes(code)) ?? names.at(-1);
        return owner === field ? this.problem : null;
    }
}
