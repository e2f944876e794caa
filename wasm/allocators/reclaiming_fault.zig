//! Faults that can be planted in the reclaiming allocator, to see that the suite finds them. Each is one mistake that
//! people do make. What each does and the law that catches it: `reclaiming-faults.ts`.
//!
//! A build has faults when its root file says which is selected, as `reclaiming_faulty.zig` does. In every other build
//! `has` is false when compiled, and nothing of a fault is in the code.

const root = @import("root");

pub const Fault = enum(u32) {
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

/// True when `fault` is the one selected.
pub inline fn has(comptime fault: Fault) bool {
    return if (@hasDecl(root, "selectedFault")) root.selectedFault() == @intFromEnum(fault) else false;
}
