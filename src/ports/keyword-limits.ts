/** What every recogniser that takes keywords takes of them: more would make other words rare. */
export const keywordLimits = { count: 100, characters: 80, weight: 10 } as const;
