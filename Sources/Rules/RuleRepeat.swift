/// How often a rule speaks.
public enum RuleRepeat: String, Hashable, Sendable, CaseIterable {
    /// The first time it is true, then never again.
    case once
    /// Each time it becomes true. Being true at the first known outcome counts: a late word is
    /// better than none; `cross_above` and `cross_below` demand an earlier event on the other
    /// side.
    case crossing
    /// At the first event of each local day at which it is true, whether or not it became so in that day.
    case day
    /// At every event at which it is true.
    case always
}
