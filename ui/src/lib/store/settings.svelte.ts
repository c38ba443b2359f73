export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export const textSizes = ['90', '100', '110', '125'] as const;
export const densities = ['roomy', 'compact'] as const;
const motions = ['system', 'less'] as const;

export type Theme = (typeof themes)[number];
export type TextSize = (typeof textSizes)[number];
export type Density = (typeof densities)[number];

const known = <T extends string>(values: readonly T[], value: string | undefined, otherwise: T): T =>
    values.find((candidate) => candidate === value) ?? otherwise;

/** What is a matter of the person follows them to their other devices, under these names. */
const theirs = {
    theme: 'appearance.theme',
    density: 'appearance.density',
    motion: 'appearance.motion',
} as const;

/**
 * How things are shown. Kept on this computer by the shell, where it counts before anybody is signed in; takes effect at once.
 * What is a matter of the computer (sizes, open panes) stays there.
 */
export class Settings {
    theme = $state<Theme>('system');
    textSize = $state<TextSize>('100');
    density = $state<Density>('roomy');
    lessMotion = $state(false);
    sidebarWidth = $state(296);
    detailsOpen = $state(false);

    constructor(
        private readonly keep: (key: string, value: string) => unknown,
        private readonly share: (key: string, value: string) => unknown,
    ) {}

    load(values: Partial<Record<string, string>>): void {
        this.theme = known(themes, values.theme, 'system');
        this.textSize = known(textSizes, values.text_size, '100');
        this.density = known(densities, values.density, 'roomy');
        this.lessMotion = values.motion === 'less';
        this.sidebarWidth = clampWidth(Number(values.sidebar_width ?? 296));
        this.detailsOpen = values.details === 'open';
    }

    /** Takes what the person has chosen on any device. */
    follow(values: ReadonlyMap<string, unknown>): void {
        const theme = themes.find((candidate) => candidate === values.get(theirs.theme));
        const density = densities.find((candidate) => candidate === values.get(theirs.density));
        const motion = motions.find((candidate) => candidate === values.get(theirs.motion));
        if (theme && theme !== this.theme) this.#theme(theme);
        if (density && density !== this.density) this.#density(density);
        if (motion && (motion === 'less') !== this.lessMotion) this.#motion(motion);
    }

    setTheme(theme: Theme): void {
        this.#theme(theme);
        this.share(theirs.theme, theme);
    }

    setTextSize(size: TextSize): void {
        this.textSize = size;
        this.keep('text_size', size);
    }

    stepTextSize(step: 1 | -1): void {
        const next = textSizes[textSizes.indexOf(this.textSize) + step];
        if (next) this.setTextSize(next);
    }

    setDensity(density: Density): void {
        this.#density(density);
        this.share(theirs.density, density);
    }

    setLessMotion(less: boolean): void {
        const motion = less ? 'less' : 'system';
        this.#motion(motion);
        this.share(theirs.motion, motion);
    }

    /** While dragging only the width changes; it is kept at the end. */
    setSidebarWidth(width: number, keep: boolean): void {
        this.sidebarWidth = clampWidth(width);
        if (keep) this.keep('sidebar_width', String(this.sidebarWidth));
    }

    setDetailsOpen(open: boolean): void {
        if (this.detailsOpen === open) return;
        this.detailsOpen = open;
        this.keep('details', open ? 'open' : 'closed');
    }

    #theme(theme: Theme): void {
        this.theme = theme;
        this.keep('theme', theme);
    }

    #density(density: Density): void {
        this.density = density;
        this.keep('density', density);
    }

    #motion(motion: (typeof motions)[number]): void {
        this.lessMotion = motion === 'less';
        this.keep('motion', motion);
    }
}

function clampWidth(width: number): number {
    return Number.isFinite(width) ? Math.round(Math.min(420, Math.max(220, width))) : 296;
}
