import Ports
import TradingModel

extension OrderDesk {
    // MARK: Restart

    mutating func restore(_ logged: [LoggedOrder]) {
        for order in logged.sorted(by: { $0.approved.number < $1.approved.number })
        where index(of: order.approved.number) == nil {
            var entry = DeskEntry(order.approved, stage: .working)
            entry.broker = order.broker
            entry.formerNumbers = order.formerNumbers
            // Written or not, nobody knows: it may arrive as late as any other.
            entry.change =
                order.memo.isGhost
                ? nil
                : order.change.map {
                    DeskChange(
                        $0, doubtSince: now, conclusiveFrom: now.advanced(by: settings.limits.order)
                    )
                }
            entry.wish = order.cancelReason ?? order.killReason
            if let kill, order.end == nil, entry.approved.opens, entry.wish == nil {
                entry.wish = "the kill switch: \(kill)"
            }
            entry.toldCancel = order.cancelReason != nil
            entry.tries = 1
            restoreFills(of: &entry, order.fills)
            entry.cancelIsProof = order.memo.cancelTaken
            entry.loggedMemo = order.memo.isEmpty ? nil : order.memo
            if let end = order.end, !order.memo.isGhost { entry.stage = .ended(end) }
            if order.memo.isGhost {
                entry.isGhost = true
                entry.wish = Self.ghostWish
            }
            // Of one that haunted, no fact has its number.
            entry.broker = order.memo.broker ?? order.broker
            insert(entry)
            if order.memo.isGhost, let index = index(of: order.approved.number) {
                restoreGhost(index)
                entries[index].doubt?.conclusiveFrom = now.advanced(by: settings.limits.order)
                continue
            }
            guard order.end == nil, let index = index(of: order.approved.number) else { continue }
            if entry.isFull {
                end(index, .filled, "")
            } else {
                beginDoubt(index, "the host started again before its last answer")
                // Written at any moment up to the crash, it may arrive as late as any other.
                entries[index].doubt?.conclusiveFrom = now.advanced(by: settings.limits.order)
            }
        }
        if !logged.isEmpty { askForEverything() }
    }

    private func restoreFills(of entry: inout DeskEntry, _ fills: [Fill]) {
        for fill in fills {
            let units = Int128(fill.quantity.units)
            entry.bookedUnits += units
            entry.bookedValue += Int128(fill.price.units) * units
            if fill.id >= DeskEntry.firstDifference {
                entry.noteDifference(fill.id)
            } else {
                entry.heard[fill.id] = HeardFill(fill)
                entry.heardUnits += units
            }
        }
        // An adapter tells only what is new; where each fill can be asked for, all of them come again.
        if capabilities.fillHistory == .totals { entry.heardUnits = entry.bookedUnits }
    }

    // MARK: Asking for everything

    /// Reports may be missing: orders, fills, holdings and cash are asked for.
    mutating func reconcile(_ reason: String) {
        note(
            .fillsMissing, severity: .info,
            "reports may be missing (\(reason)): the broker is asked for orders, fills, holdings and cash"
        )
        askForEverything()
    }

    /// Lists lag: one that was asked for behind a gap may be older than what happened in it, and an order that
    /// it shows at work would be believed to be. So they are asked for again, as often as anything in doubt.
    private mutating func askForEverything() {
        looksLeft = max(0, settings.polls - 1)
        // An answer that is on its way may be older than what is missing.
        openOrders = Errand(due: now)
        isListRoutine = false
        // At a start behind the list: see ``StartHold``.
        if !hold.awaitsOrders { positions = Errand(due: now) }
        balances = Errand(due: now)
        var place = 0
        for number in active {
            if let index = index(of: number, behind: &place) { wantFills(of: index) }
        }
    }

    mutating func runErrands() {
        if heartbeat.isReady(at: now) {
            heartbeat.began(call(.heartbeat, for: .heartbeat, limit: settings.limits.heartbeat))
        }
        if openOrders.isReady(at: now) {
            openOrders.began(call(.openOrders, for: .openOrders, limit: settings.limits.question))
        }
        if fills.isReady(at: now) { askForFills() }
        if positions.isReady(at: now) {
            positionsAsked = drift.dealings
            positions.began(call(.positions, for: .positions, limit: settings.limits.question))
        }
        if balances.isReady(at: now) {
            balancesAsked = drift.dealings
            balances.began(call(.balances, for: .balances, limit: settings.limits.question))
        }
    }

    func again(_ errand: Errand, _ answer: DeskAnswer) -> Timestamp {
        if answer == .noTurn { return now }
        let wait = backOff.wait(after: errand.tries + 1, of: 0)
        guard case .failed(let error) = answer, case .later(let atLeast) = error.retry else {
            return now.advanced(by: wait)
        }
        return now.advanced(by: max(wait, atLeast))
    }

    mutating func openOrdersAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard openOrders.call == id else { return }
        guard case .orders(let list) = answer else {
            return openOrders.failed(retryAt: again(openOrders, answer), isTry: answer != .noTurn)
        }
        openOrders.succeeded()
        // Of a number that comes twice the first counts.
        let listed = Dictionary(
            list.map { ($0.brokerID, $0) }, uniquingKeysWith: { first, _ in first })
        // Reports of what a routine list shows may be on their way: what they do not tell by then is asked for.
        let asks = isListRoutine ? now.advanced(by: pollWait) : now
        for number in active {
            guard let index = index(of: number), entries[index].stage == .working,
                let broker = entries[index].broker
            else { continue }
            if let found = listed[broker], !isStranger(found, index), entries[index].change == nil,
                !isListRoutine || Int128(found.filled.units) == entries[index].bookedUnits
            {
                compare(index, found)
            } else {
                // Not open any more, or the list lags: its own answer tells.
                entries[index].question.want(at: asks)
            }
        }
        isListRoutine = true
        planLook()
        planOpenOrders()
        // Only ended ones are met: those at work were compared.
        let names = Names(entries)
        var (strangers, unclear): ([BrokerOrder], [BrokerOrder]) = ([], [])
        for other in list where other.state == .working {
            switch meet(other, by: names) {
            case .ours: break
            case .unclear: unclear.append(other)
            case .nobodys: strangers.append(other)
            }
        }
        takeStrangers(strangers, unclear: unclear)
    }

    private mutating func planLook() {
        guard looksLeft > 0 else { return }
        looksLeft -= 1
        isListRoutine = false
        let working = active.compactMap { index(of: $0) }.filter { !entries[$0].isEnded }
        guard !working.isEmpty else { return (looksLeft, isListRoutine) = (0, true) }
        let next = now.advanced(by: lookWait)
        openOrders.want(at: next)
        guard capabilities.fillHistory == .each else { return }
        for index in working { fillsSince = min(fillsSince, fillsSince(of: index)) }
        fills.want(at: next)
    }

    /// Entries by the names that a broker has for them: the first of a name. By their numbers, for one that becomes
    /// known again moves the places of all behind it.
    private struct Names {
        private let brokers: [BrokerOrderID: OrderNumber]
        private let clients: [ClientOrderID: OrderNumber]

        init(_ entries: [DeskEntry]) {
            brokers = Dictionary(
                entries.compactMap { entry in entry.broker.map { ($0, entry.number) } },
                uniquingKeysWith: { first, _ in first })
            clients = Dictionary(
                entries.map { ($0.approved.client, $0.number) },
                uniquingKeysWith: { first, _ in first })
        }

        /// A number that a broker gave stays its order's.
        func have(_ id: BrokerOrderID) -> Bool { brokers[id] != nil }

        func number(of other: BrokerOrder) -> OrderNumber? {
            let found = [brokers[other.brokerID], other.clientID.flatMap { clients[$0] }]
            return found.compactMap(\.self).min()
        }
    }

    /// Whose an open order at the broker is.
    private enum Whose { case ours, unclear, nobodys }

    /// An open order at the broker that our books have ended, have under another number, or do not have.
    ///
    private mutating func meet(_ other: BrokerOrder, by names: Names) -> Whose {
        // One of a number that we know was compared, or its end was told after this list was made, perhaps.
        guard !names.have(other.brokerID), holder(of: other.brokerID) == nil else { return .ours }
        let known = names.number(of: other).flatMap { index(of: $0) }
        // A stranger's id is looked up among tens of thousands once.
        let recalled = known == nil && !isTold(other) ? other.clientID.flatMap { recall($0) } : nil
        guard let index = known ?? recalled else {
            guard !mayBeOurs(other) else { return .unclear }
            tellStranger(other)
            return .nobodys
        }
        // One that ended thousands of others ago is no list's that lags.
        let isOld = recalled != nil && entries[index].isNumbered(other.brokerID)
        if !isOld, let known = entries[index].broker {
            // A change that is on its way, or in doubt, gave it the number: it is the order itself.
            noteNumber(index, other)
            if !entries[index].isNumbered(other.brokerID) { tellTwin(index, known, other) }
            return .ours
        }
        guard entries[index].isEnded else { return .ours }
        entries[index].broker = other.brokerID
        entries[index].adoption.want(at: now)
        haunt(
            index,
            "order \(entries[index].number) had ended in the books and is open at the broker as \(other.brokerID)"
        )
        return .ours
    }

    /// By our own id it is this order, which the broker has under another number: it made two of one.
    private mutating func tellTwin(_ index: Int, _ known: BrokerOrderID, _ other: BrokerOrder) {
        guard !entries[index].toldTwin else { return }
        entries[index].toldTwin = true
        note(
            .drift, severity: .critical, of: entries[index],
            "order \(entries[index].number) is \(known) at the broker, and \(other.brokerID) is open there"
                + " with its client order id: cancel that one by hand, and hold what is held there against the books"
        )
    }

    mutating func positionsAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard positions.call == id else { return }
        guard case .positions(let list) = answer else {
            return positions.failed(retryAt: again(positions, answer), isTry: answer != .noTurn)
        }
        positions.succeeded()
        positionsStated = positionsAsked
        hold.heardHoldings()
        outbox.holdings = list
        planStatements()
    }

    mutating func balancesAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard balances.call == id else { return }
        guard case .balances(let list) = answer else {
            return balances.failed(retryAt: again(balances, answer), isTry: answer != .noTurn)
        }
        balances.succeeded()
        balancesStated = balancesAsked
        outbox.cash = list
        planStatements()
    }
}
