import Ports
package import TradingModel

/// Fills that a broker lists: one question on its way, and one at most behind it.
///
/// A list may be all fills of a day, so the question that is on its way is let come: what is wanted after it was asked, or
/// reaches further back, is asked for once, behind its answer. What a list lacks is missing for what was looked for before it was
/// asked for, and for nothing else.
extension OrderDesk {
    func fillsSince(of index: Int) -> Timestamp {
        entries[index].approved.approvedAt
            .advanced(by: Nanoseconds(-settings.clockSkew.count))
    }

    /// Something of it may be missing, as of now.
    mutating func wantFills(of index: Int) {
        guard capabilities.fillHistory == .each else { return }
        fillsSince = min(fillsSince, fillsSince(of: index))
        fills.want(at: now)
    }

    /// Its total has more than the books. An answer that is on its way may have that, and is waited for; where it does not,
    /// the order is asked for again, and then this is.
    mutating func wantMissingFills(of index: Int) {
        if fills.call != nil, fillsAsked <= fillsSince(of: index) { return }
        wantFills(of: index)
    }

    mutating func askForFills() {
        (fillsAsked, fillsAskedAt) = (fillsSince, now)
        // What is wanted from here on has a reach of its own.
        fillsSince = .distantFuture
        fills.began(
            call(.fills(since: fillsAsked), for: .fills, limit: settings.limits.question))
    }

    mutating func fillsAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard case .fills(let list) = answer else {
            guard fills.call == id else { return }
            fillsSince = min(fillsSince, fillsAsked)
            return fills.failed(retryAt: again(fills, answer), isTry: answer != .noTurn)
        }
        // An older answer may have what a newer one lacks: what it says did happen.
        for told in list {
            let fill = believable(told)
            recall(for: fill)
            if let index = index(of: fill.order) { book(fill, index) } else { meet(fill) }
        }
        guard fills.call == id else { return }
        fills.succeeded()
        for index in entries.indices
        where entries[index].shortfall.map({ $0.after < id }) == true
            && fillsAsked <= fillsSince(of: index)
        {
            entries[index].shortfall?.lists += 1
            entries[index].shortfall?.lastAsked = fillsAskedAt
        }
    }

    /// A list has a fill of an order that is not here.
    private mutating func meet(_ fill: Fill) {
        let number = fill.order
        guard past[number] == nil else { return }
        // Mostly the list reaches far back, and it was booked when it came: filled in full, or forgotten by a former process.
        guard entries.last.map({ $0.number < number }) ?? true else {
            if sharesNumbers { outbox.strays.append(fill) }
            return
        }
        guard isNews(fill) else { return }
        let what =
            "the broker lists a fill of order \(number), which this desk does not have:"
            + " \(fill.quantity) at \(fill.price), of \(fill.time)"
        guard fill.time.advanced(by: settings.clockSkew) >= began else {
            return note(
                .drift, severity: .warning,
                "\(what): that is before this run began, and is not booked")
        }
        reconcile("a list has a fill of order \(number), which is none here")
        lockDown(.drift, "\(what) are not booked")
    }

    /// A fill that this broker tells of an order that is at another: what it moved is in no book, so nothing opens until a
    /// person has looked. Each is told once.
    ///
    /// - Parameter other: Its broker.
    package mutating func refuse(_ fill: Fill, of other: String) {
        guard isNews(fill) else { return }
        reconcile("\(capabilities.name) tells a fill of order \(fill.order), which is at \(other)")
        lockDown(
            .drift,
            "\(capabilities.name) tells a fill of order \(fill.order), which is at \(other):"
                + " \(fill.quantity) at \(fill.price) are not booked")
        runErrands()
    }

    /// A fill that is in no book.
    struct UnknownFill: Hashable, Sendable {
        let order: OrderNumber
        let id: UInt32
    }
    /// Of more than can be kept each is news where nothing says so yet.
    private mutating func isNews(_ fill: Fill) -> Bool {
        guard unknownFills.count < Self.unknownTold else { return lockdown == nil }
        return unknownFills.insert(UnknownFill(order: fill.order, id: fill.id)).inserted
    }
    /// In one life.
    private static let unknownTold = 4_096
}
