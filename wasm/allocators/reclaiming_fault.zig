//! Faults that can be planted in the reclaiming allocator, to see that the suite finds them. Each is one mistake that
//! people do make. What each does and the law that catches it: `reclaiming-faults.ts`.
//!
//! A module is faulty when its root file says so, as `reclaiming_faulty.zig` does; in every other build `planted` is
//! `.none` and each comparison with it is gone before code is generated.

const root = @import("root");

pub const Fault = enum {
    none,
    coalesce_skips_the_next,
    coalesce_forgets_the_flag,
    coalesce_keeps_a_stale_footer,
    split_starts_early,
    split_loses_the_rest,
    realloc_takes_a_next_too_small,
    realloc_moves_back_a_word_short,
    realloc_shrinks_by_moving,
    realloc_frees_before_it_has,
    align_stops_at_a_page,
    align_forgets_the_header,
    growth_rounds_down,
    growth_doubles,
    growth_ignores_foreign_pages,
    growth_ignores_a_refusal,
    size_wraps,
    calloc_product_wraps,
    calloc_trusts_the_top,
    statistics_forget_shrinking,
    statistics_peak_without_realloc,
    reset_keeps_the_bins,
};

pub const planted: Fault = if (@hasDecl(root, "planted_fault")) root.planted_fault else .none;

/// True when `fault` was planted in this build.
pub inline fn has(comptime fault: Fault) bool {
    return planted == fault;
}
