import Kernel
import TradingModel

/// What a number of runs has seen: faults by kind, states of orders, seams of crashes, codes, and more.
package struct Coverage: Hashable, Sendable {
    /// In the order of the table.
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case faults = "fault"
        case states = "order"
        case crashes = "crash"
        case codes = "code"
        case brokers = "broker"
        case events = "event"
    }
    package struct Row: Hashable, Sendable {
        package let group: Group
        package let name: String
        package let count: UInt64
    }
    private var counts: [Group: [String: UInt64]] = [:]
    package private(set) var seeds: UInt64 = 0
    package private(set) var happenings: UInt64 = 0

    package init() {}

    /// What must have been seen in a standard run.
    package static let wanted: [(group: Group, names: [String])] = [
        (.faults, Fault.allCases.map(\.rawValue)),
        (
            .states,
            [
                "pending", "submitted", "partlyFilled", "filled", "cancelPending", "cancelled",
                "rejected", "expired", "failed", "unknown",
            ]
        ),
        (.crashes, Happening.Seam.allCases.filter { $0 != .idle }.map(\.rawValue)),
        (
            .codes,
            [
                "FS040", "FS041", "FS042", "FS043", "FS044", "FS045", "FS046", "FS047", "FS048",
                "FS049",
            ]
        ),
        (
            .brokers,
            [
                "client ids always", "client ids whileOpen", "client ids none", "fills each",
                "fills totals", "checks funds", "checks no funds", "two of them",
                "changes none", "changes keepNumber", "changes makeNumber",
                "tells no acceptance",
            ]
        ),
        (
            .events,
            [
                "kill", "kill lifted", "locked down", "released", "withdrawn by a kill",
                "adopted", "looked up by a person", "a number mistyped", "gap", "cancel by hand",
                "position closed", "refused by risk", "recovered with orders in doubt",
                "exit fired", "exits held", "split 2:1", "split 3:2", "split 5:4", "split 1:10",
                "guarded after a restart", "kill of a strategy", "kill of a strategy lifted",
                "sell everything", "sold out", "withdrawn as late",
                "refused by day_value", "refused by orders_per_minute",
                "refused by duplicate_within", "refused by cool_down", "refused by confidence",
                "change asked", "change not approved", "change taken", "change under a new number",
                "change refused", "change withdrawn by a kill", "change only lowers",
                "filled while a change was on its way", "cancelled while a change was on its way",
                "crashed with a change on its way", "change: request lost", "change: request late",
                "change: reply lost", "change: reply slow", "change: reply doubled",
                "change: 5xx, nothing done", "change: 5xx, but done", "change: rate limited",
                "change: order rejected", "change: news doubled",
                "past day_loss", "past drawdown", "past symbol_value", "past symbol_weight",
                "past order_age", "a stranger trades", "a stranger pays", "held back at a start",
                "corrected by a person",
                "corrected by the configuration", "cash corrected", "recovered with corrections",
                "a ghost", "recovered with a ghost", "a ghost waits",
                "recovered with a ghost that waits", "died before a ghost was in the log",
                "said to be halted", "said to trade again", "price limits told",
                "refused by halted", "refused by price_limit", "refused by price_age",
            ]
        ),
    ]

    package mutating func add(_ history: History) {
        seeds += 1
        happenings += UInt64(history.entries.count)
        for broker in history.terms.brokers {
            for part in broker.kind.split(separator: ", ") { count(.brokers, String(part)) }
        }
        if history.terms.brokers.count > 1 { count(.brokers, "two of them") }
        var open: [OrderNumber: Int64] = [:]
        var isNewStart = false
        var corrections: [UInt64] = []
        var terms: [OrderNumber: OrderChange] = [:]
        var ids: [OrderNumber: BrokerOrderID] = [:]
        var underway: Set<OrderNumber> = []
        for entry in history.entries {
            add(entry.what)
            switch entry.what {
            case .corrected(_, let record): corrections.append(record)
            case .recovered:
                isNewStart = true
                if !corrections.isEmpty { count(.events, "recovered with corrections") }
            case .saw: isNewStart = false
            case .guarded(_, true) where isNewStart: count(.events, "guarded after a restart")
            case .approved(let approval, _):
                open[approval.order.number] = approval.order.quantity.units
            case .changeTaken(let number, let change, let id, _):
                let order = terms[number]
                open[number, default: 0] += change.quantity.units - (order ?? change).quantity.units
                terms[number] = change
                if let known = ids.updateValue(id, forKey: number), known != id {
                    count(.events, "change under a new number")
                }
                underway.remove(number)
            case .acknowledged(let number, let id, _): ids[number] = id
            case .changeAsked(let change, _):
                underway.insert(change.number)
                terms[change.number] = change.before
            case .changeRefused(let number, _, _, _): underway.remove(number)
            case .ended(let number, let state, _, _):
                if underway.remove(number) != nil, state == .cancelled {
                    count(.events, "cancelled while a change was on its way")
                }
            case .crashed(let kept, _, _):
                corrections.removeAll { $0 > kept }
                if !underway.isEmpty { count(.events, "crashed with a change on its way") }
                underway.removeAll()
            case .booked(let booked, _):
                if underway.contains(booked.fill.order) {
                    count(.events, "filled while a change was on its way")
                }
                open[booked.fill.order, default: 0] -= booked.fill.quantity.units
                count(.states, open[booked.fill.order] == 0 ? "filled" : "partlyFilled")
            default: break
            }
        }
    }

    private mutating func add(_ what: Happening) {
        switch what {
        case .struck(let fault, _): count(.faults, fault.rawValue)
        case .approved: count(.states, "pending")
        case .acknowledged: count(.states, "submitted")
        case .doubted: count(.states, "unknown")
        case .wished(_, let reason, _):
            count(.states, "cancelPending")
            if OrderAge.says(reason) { count(.events, "past order_age") }
            if reason == "cancelled by hand" { count(.events, "cancel by hand") }
        case .ended(_, let state, _, _): count(.states, "\(state)")
        case .crashed(_, _, let seam): count(.crashes, seam.rawValue)
        case .noted(_, let code, _, _, _): count(.codes, code)
        case .killed(let on, _): count(.events, on ? "kill" : "kill lifted")
        case .partKilled(_, let on, _):
            count(.events, on ? "kill of a strategy" : "kill of a strategy lifted")
        case .flattening(true, _): count(.events, "sell everything")
        case .soldOut: count(.events, "sold out")
        case .limitPassed(let limit, _, _): count(.events, "past \(limit.name)")
        case .ghost(_, true, _): count(.events, "a ghost")
        case .ghostWaits(_, true): count(.events, "a ghost waits")
        case .ghostRecalled(_, let waits):
            count(.events, "recovered with a ghost" + (waits ? " that waits" : ""))
        case .ghostLost: count(.events, "died before a ghost was in the log")
        case .lockedDown(let on, _, _, _): count(.events, on ? "locked down" : "released")
        case .withdrawn(_, _, _, .killed): count(.events, "withdrawn by a kill")
        case .withdrawn(_, _, _, .late): count(.events, "withdrawn as late")
        case .asked(_, _, .adopt): count(.events, "adopted")
        case .resolved(_, let what):
            count(
                .events, what.hasSuffix("mistyped)") ? "a number mistyped" : "looked up by a person"
            )
        case .heard(_, let news): if case .gap = news.news { count(.events, "gap") }
        case .dealt(_, let instrument, _, _):
            count(.events, instrument == nil ? "a stranger pays" : "a stranger trades")
        case .compared(_, let differing):
            if !differing.isEmpty { count(.events, "held back at a start") }
        case .corrected(let correction, _):
            let author = correction.order.author == .person ? "a person" : "the configuration"
            count(.events, "corrected by \(author)")
            if correction.order.instrument == nil { count(.events, "cash corrected") }
        case .changeAsked(let change, _):
            count(.events, "change asked")
            if change.after.limit <= change.before.limit,
                change.after.quantity < change.before.quantity
            {
                count(.events, "change only lowers")
            }
        case .changeNotApproved(_, let rule):
            count(.events, "change not approved")
            if Self.told.contains(rule) { count(.events, "refused by \(rule)") }
        case .changeTaken: count(.events, "change taken")
        case .changeRefused: count(.events, "change refused")
        case .changeWithdrawn(_, _, _, .killed): count(.events, "change withdrawn by a kill")
        case .changeMet(let fault): count(.events, "change: \(fault.rawValue)")
        case .exitFired: count(.events, "exit fired")
        case .tradingHalted(_, let on, _):
            count(.events, on ? "said to be halted" : "said to trade again")
        case .dayLimited(_, .some, _): count(.events, "price limits told")
        case .exitsHeld(true, _): count(.events, "exits held")
        case .split(_, let new, let old): count(.events, "split \(new):\(old)")
        case .refused(_, let rule):
            count(.events, "refused by risk")
            if Self.told.contains(rule) { count(.events, "refused by \(rule)") }
        case .recovered(_, _, let doubtful):
            if doubtful > 0 { count(.events, "recovered with orders in doubt") }
        default: break
        }
        if case .booked(let booked, _) = what, booked.positionAfter == .zero {
            count(.events, "position closed")
        }
    }

    private mutating func count(_ group: Group, _ name: String) {
        counts[group, default: [:]][name, default: 0] += 1
    }

    package mutating func merge(_ other: Coverage) {
        seeds += other.seeds
        happenings += other.happenings
        for (group, names) in other.counts {
            for (name, count) in names { counts[group, default: [:]][name, default: 0] += count }
        }
    }

    /// What is wanted first, in its order; then what came besides, by name.
    package var rows: [Row] {
        Self.wanted.flatMap { group, names in
            let seen = counts[group] ?? [:]
            let others = seen.keys.filter { !names.contains($0) && !$0.hasSuffix("calls/s") }
            return (names + others.sorted()).map {
                Row(group: group, name: $0, count: seen[$0] ?? 0)
            }
        }
    }

    /// What a standard run should have seen and did not.
    package var missing: [Row] {
        Self.wanted.flatMap { group, names in
            names.filter { (counts[group]?[$0] ?? 0) == 0 }
                .map { Row(group: group, name: $0, count: 0) }
        }
    }

    private static let told: Set = [
        "day_value", "orders_per_minute", "duplicate_within", "cool_down", "confidence", "halted",
        "price_limit", "price_age",
    ]
}
