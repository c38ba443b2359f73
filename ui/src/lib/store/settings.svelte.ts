export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export const textSizes = ['90', '100', '110', '125'] as const;
export const densities = ['roomy', 'compact'] as const;

export type Theme = (typeof themes)[number];
export type TextSize = (typeof textSizes)[number];
export type Density = (typeof densities)[number];

const known = <T extends string>(values: readonly T[], value: string | undefined, otherwise: T): T =>
    values.find((candidate) => candidate === value) ?? otherwise;

/** How this computer shows things. Kept by the shell; takes effect at once. */
export class Settings {
    theme = $state<Theme>('system');
    textSize = $state<TextSize>('100');
    density = $state<Density>('roomy');
    lessMotion = $state(false);
    sidebarWidth = $state(296);
    detailsOpen = $state(false);

    constructor(private readonly keep: (key: string, value: string) => unknown) {}

    load(values: Partial<Record<string, string>>): void {
        this.theme = known(themes, values.theme, 'system');
        this.textSize = known(textSizes, values.text_size, '100');
        this.density = known(densities, values.density, 'roomy');
        this.lessMotion = values.motion === 'less';
        this.sidebarWidth = clampWidth(Number(values.sidebar_width ?? 296));
        this.detailsOpen = values.details === 'open';
    }

    setTheme(theme: Theme): void {
        this.theme = theme;
        this.keep('theme', theme);
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
        this.density = density;
        this.keep('density', density);
    }

    setLessMotion(less: boolean): void {
        this.lessMotion = less;
        this.keep('motion', less ? 'less' : 'system');
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
}

function clampWidth(width: number): number {
    return Number.isFinite(width) ? Math.round(Math.min(420, Math.max(220, width))) : 296;
}
