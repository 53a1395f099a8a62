/// How a position is left: tiers, each a price at which a part of it is sold.
///
/// Data and nothing else. Distances and shares are integers at 10⁻⁶: -5 % is `loss(50_000)`.
public struct ExitPlan: Hashable, Sendable {
    public enum Trigger: Hashable, Sendable {
        /// At or below the average price less this part of it.
        case loss(Int64)
        /// At or above the average price and this part of it.
        case gain(Int64)
        /// At or below the highest price since the entry less `distance`, once the price was at or above
        /// the average price and `start`; zero: from the entry.
        case trailing(distance: Int64, start: Int64)
        /// At any price. Of ``ExitPlan/everything`` alone: nobody writes a tier with it.
        case always

        /// Whether it guards against a fall. A stop goes before a target and withdraws it.
        public var isStop: Bool {
            if case .gain = self { false } else { true }
        }
    }
    public enum Share: Hashable, Sendable {
        /// Of all that was bought of the position, in whole lots, rounded down.
        case part(Int64)
        /// Whatever is held.
        case rest
    }
    public struct Tier: Hashable, Sendable {
        public let trigger: Trigger
        public let share: Share
        public init(_ trigger: Trigger, _ share: Share) {
            self.trigger = trigger
            self.share = share
        }
    }
    /// In the order in which they are asked: stops first, whatever the order they were written in.
    public let tiers: [Tier]
    /// How far below the last price a stop's limit is set, and set anew when the price falls through it.
    public var protection: Int64 = 10_000
    /// A price this far from the one before it is no market's move: nothing fires until it is confirmed.
    public var jump: Int64 = 300_000

    /// - Throws: ``ExitPlanError`` where the tiers contradict each other.
    public init(_ tiers: [Tier]) throws(ExitPlanError) {
        try Self.check(tiers)
        self.init(checked: tiers)
    }

    private init(checked tiers: [Tier]) {
        self.tiers = tiers.filter(\.trigger.isStop) + tiers.filter { !$0.trigger.isStop }
    }

    /// -5 % all, +4 % half, +8 % the rest.
    public static let threeTier = ExitPlan(checked: [
        Tier(.loss(50_000), .rest), Tier(.gain(40_000), .part(500_000)),
        Tier(.gain(80_000), .rest),
    ])
    /// -5 % all, +10 % all.
    public static let simple = ExitPlan(checked: [
        Tier(.loss(50_000), .rest), Tier(.gain(100_000), .rest),
    ])
    /// 5 % below the highest price since the entry.
    public static let trailing = ExitPlan(checked: [
        Tier(.trailing(distance: 50_000, start: 0), .rest)
    ])
    public static let presets: [(name: String, plan: ExitPlan)] = [
        ("three_tier", threeTier), ("simple", simple), ("trailing", trailing),
    ]
    /// Sells all at whatever the price is, and doubts none: `madang kill --flatten`.
    public static let everything: ExitPlan = {
        var plan = ExitPlan(checked: [Tier(.always, .rest)])
        plan.jump = .max
        return plan
    }()
    public static let mostTiers = 16

    private static func check(_ tiers: [Tier]) throws(ExitPlanError) {
        guard !tiers.isEmpty else { throw ExitPlanError("a plan has at least one tier") }
        guard tiers.count <= mostTiers else {
            throw ExitPlanError("a plan has at most \(mostTiers) tiers, not \(tiers.count)")
        }
        for tier in tiers { try check(tier) }
        try check(tiers, "a stop", of: { if case .loss(let part) = $0 { part } else { nil } })
        try check(tiers, "a target", of: { if case .gain(let part) = $0 { part } else { nil } })
        guard tiers.count(where: { $0.trigger.isTrailing }) <= 1 else {
            throw ExitPlanError("a plan has at most one trailing stop")
        }
    }

    private static func check(_ tier: Tier) throws(ExitPlanError) {
        switch tier.trigger {
        case .loss(let part), .trailing(let part, _):
            guard (1..<1_000_000).contains(part) else {
                throw ExitPlanError("\(tier): a stop is more than 0% and less than 100% away")
            }
        case .gain(let part):
            guard (1...100_000_000).contains(part) else {
                throw ExitPlanError("\(tier): a target is more than 0%, at most 10000% away")
            }
        case .always: throw ExitPlanError("\(tier): a tier has a price")
        }
        if case .trailing(_, let start) = tier.trigger, !(0...100_000_000).contains(start) {
            throw ExitPlanError("\(tier): a trailing stop starts between 0% and 10000%")
        }
        if case .part(let part) = tier.share, !(1..<1_000_000).contains(part) {
            throw ExitPlanError(
                "\(tier): a part is more than 0% and less than 100%; say all or rest")
        }
    }

    /// Tiers of one side lie apart, and behind one that sells the rest there is nothing to sell.
    private static func check(
        _ tiers: [Tier], _ name: String, of distance: (Trigger) -> Int64?
    ) throws(ExitPlanError) {
        let side = tiers.compactMap { tier in distance(tier.trigger).map { ($0, tier) } }
            .sorted { $0.0 < $1.0 }
        for (near, far) in zip(side, side.dropFirst()) {
            if near.0 == far.0 {
                throw ExitPlanError("\(near.1) and \(far.1): \(name) stands there already")
            }
            if near.1.share == .rest {
                throw ExitPlanError("\(far.1): \(near.1) has sold everything before")
            }
        }
        let parts = side.reduce(Int64(0)) { sum, tier in
            if case .part(let part) = tier.1.share { sum + part } else { sum }
        }
        if parts > 1_000_000 {
            throw ExitPlanError("the parts of \(name) come to more than 100%: make the last rest")
        }
    }
}

extension ExitPlan.Trigger {
    var isTrailing: Bool {
        if case .trailing = self { true } else { false }
    }
}

/// Why a plan is none, in words for who wrote it.
public struct ExitPlanError: Error, Hashable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
