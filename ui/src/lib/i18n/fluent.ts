import { FluentBundle, FluentResource } from '@fluent/bundle';
import english from '$locales/en.ftl?raw';
import type { Problem } from '$lib/backend';
import { sizeLabel } from '$lib/files/size';
import { locale, pickLocale } from './locale';

type Value = string | number;

export { locale, pickLocale };

// Names and texts of people stand in elements of their own with dir="auto"; isolation marks would end up in copies.
const bundle = new FluentBundle(locale, { useIsolating: false });
bundle.addResource(new FluentResource(english));

export function has(id: string): boolean {
    return bundle.hasMessage(id);
}

/** The words for `id`. A missing message shows its id, which a test makes impossible for those that are used. */
export function t(id: string, args: Record<string, Value> = {}): string {
    const pattern = bundle.getMessage(id)?.value;
    return pattern ? bundle.formatPattern(pattern, args, []) : id;
}

/** "Ada", "Ada and Ben", "Ada, Ben and Cem". */
export function names(list: readonly string[]): string {
    return new Intl.ListFormat(locale, { style: 'long', type: 'conjunction' }).format(list);
}

/** Stands in for parameters that an older or newer side does not send. */
const absent: Record<string, Value> = {
    actual: 0,
    address: '',
    field: '',
    identity: '',
    limit: 0,
    name: '',
    path: '',
    permission: '',
    port: '',
    rule: '',
    what: '',
};

/** What happened and what to do about it. */
export function sentence(problem: Problem): string {
    const id = `error-${problem.code.replaceAll('_', '-')}`;
    const args = { ...absent };
    for (const [name, value] of Object.entries(problem.params)) {
        // The number of a port is a name, not an amount: it has no thousands.
        if (name === 'port') args[name] = String(value);
        else if (problem.params.field === 'size' && typeof value === 'number') args[name] = sizeLabel(value);
        else if (typeof value === 'string' || typeof value === 'number') args[name] = value;
    }
    return t(has(id) ? id : 'error-unknown', args);
}
