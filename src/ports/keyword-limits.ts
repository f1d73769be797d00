/** What every recogniser that takes keywords takes of them: more would make other words rare. */
export const keywordLimits = { count: 100, characters: 80, weight: 10 } as const;

/** The weight of a keyword whose client names none: of those that made nothing up, the one that found most. */
export const usualKeywordWeight = 4;
