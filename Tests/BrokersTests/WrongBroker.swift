import Brokers
import PaperExchange
import Ports
import TestKit
import TradingModel

/// One mistake that an adapter could make.
enum Mistake: String, CaseIterable, Sendable {
    case losesAFill, doublesAFill, halvesAFill, fillsBeyondTheLimit, swallowsARefusal,
        reportsARefusal
    case forgetsClientIDs, forgetsThemOnceClosed, ignoresWhatTheIDNames
    case wrongQuantityInOpenOrders, listsEndedOrders, cancelLies, cancelsTheNeighbour
    case cancelAlwaysSaysYes, changesByDifference, forgetsTheNewNumber, changeLies
    case endsBeforeItBegins, losesAcceptances, cashWithoutFees, freesNoCashThatIsHeld
    case addsAShare, dropsNewsOfTheSlow, givesNewsOnce, restartsItsNumbers
    case unknownMeansRejected, unknownMeansPlaced, rateLimitMeansUnknown
    case findsNothing, findsAnything, repeatsFillsInHistory
    case taxesBeyondTheFee, forgetsTaxesInHistory
    case ignoresThePermit, ignoresTheValidity, holdsUpSalesToo
    case roundsPrices, roundsLots, takesForeignAccounts, lendsMoney
    case heartbeatFails, sendsOnceClosed, talksAfterTheClose, adoptsAnything
    case expiredMeansCancelled, losesExpiries
    case cancelInDoubtMeansDone, cancelInDoubtMeansNothing, changeInDoubtMeansRefused
    case sendsAgainInDoubt, nothingWhereNobodyAnswers, believesACopy
    case losesBeyondTheLimit, doublesBeyondTheLimit, questionsGoFirst
    case heartbeatHidesAnOutage, heartbeatRemembersAFailure, heartbeatOfTheWrongClock
}

/// A right broker with one mistake in front of it.
actor WrongBroker: ForwardingBroker {
    nonisolated let inner: any Broker
    nonisolated let mistake: Mistake?
    private let line: FaultyLine
    /// News as this broker tells them, numbered from 1, and how far it has read the right ones.
    private var told: [BrokerNews] = []
    private var read: UInt64 = 0
    private var given: UInt64 = 0
    private var placed: [ClientOrderID: BrokerOrderID] = [:]
    private var extra: UInt64 = 0
    private var killSeen = false
    /// Placed, and said not to be there.
    private var disowned: Set<ClientOrderID> = []
    /// Numbers that changes made.
    private var changed: Set<BrokerOrderID> = []
    private var isClosed = false
    /// Refused beyond the limit, and to be sent all the same.
    private var owed: [Placement] = []
    private var debts = 0
    private var questionWasRefused = false
    private var lastBeat: BrokerHeartbeat?
    private var beats: Int64 = 0
    private var failedBeat: BrokerError?

    init(_ mistake: Mistake?, before right: any Broker) {
        self.mistake = mistake
        line = FaultyLine(to: right)
        inner = right
    }
    /// Its faults.
    nonisolated var faulty: FaultyLine { line }

    nonisolated var capabilities: BrokerCapabilities {
        var capabilities = inner.capabilities
        capabilities.checksFunds = true
        return capabilities
    }

    // MARK: Orders

    func place(_ placement: Placement, within limit: Nanoseconds) async throws(BrokerError)
        -> BrokerOrderID
    {
        if mistake == .holdsUpSalesToo, killSeen, placement.order.side == .sell {
            throw BrokerError(.notSent(.killed), "everything is held up")
        }
        let sent = altered(placement, isEnded: await isEnded(placement.client))
        try refuseBehindQuestions()
        await sendWhatIsOwed(limit)
        do {
            let broker = try await line.place(sent, within: limit)
            placed[placement.client] = broker
            return broker
        } catch {
            return try await answer(to: error, sent, limit)
        }
    }

    private func isEnded(_ client: ClientOrderID) async -> Bool {
        // Asked for nobody else: it counts as a call there.
        guard mistake == .forgetsThemOnceClosed,
            case .found(let order)? = try? await inner.order(.client(client))
        else { return false }
        return order.state != .working
    }

    private func altered(_ placement: Placement, isEnded: Bool) -> Placement {
        let order = placement.order
        var permit = placement.permit
        var client = placement.client
        var changed = order
        switch mistake {
        case .ignoresThePermit: permit = SendPermit(opens: false, kills: [])
        case .ignoresTheValidity:
            if permit.withdrawal(at: .max) == .late { permit = SendPermit(opens: true, kills: []) }
        case .forgetsClientIDs where placed[client] != nil,
            .forgetsThemOnceClosed where isEnded,
            .believesACopy where disowned.contains(client):
            extra += 1
            client = ClientOrderID(high: extra, low: extra)
            changed = order.with(number: OrderNumber(1_000_000 + extra))
        case .roundsPrices:
            let step = order.limit.map { PriceLadder.krx.step(at: $0) }
            changed = order.with(limit: order.limit?.roundedDown(toMultipleOf: step ?? .zero))
        case .roundsLots:
            changed = order.with(quantity: order.quantity.roundedUp(toMultipleOf: .shares(1)))
        case .takesForeignAccounts: changed = order.with(account: AccountID(0))
        default: break
        }
        return Placement(changed, as: client, permit: permit)
    }

    private func answer(
        to error: BrokerError, _ placement: Placement, _ limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        if error.code == .notSent(.killed) { killSeen = true }
        switch (mistake, error.code) {
        case (.swallowsARefusal, _) where error.isRefusal: return BrokerOrderID("lost")
        case (.reportsARefusal, _) where error.isRefusal:
            told.append(.report(.rejected(placement.order.number, reason: error.brokerMessage)))
        case (.unknownMeansRejected, .outcomeUnknown):
            throw BrokerError(.rejected, error.brokerMessage)
        case (.unknownMeansPlaced, .outcomeUnknown): return BrokerOrderID("hoped")
        case (.sendsAgainInDoubt, .outcomeUnknown):
            _ = try? await inner.place(under(placement), within: limit)
        case (.losesBeyondTheLimit, .rateLimited): return BrokerOrderID("queued")
        // A few: each takes of the limit too.
        case (.doublesBeyondTheLimit, .rateLimited):
            if debts < 3 {
                debts += 1
                owed.append(placement)
            }
        case (.rateLimitMeansUnknown, .rateLimited):
            throw BrokerError(.outcomeUnknown, error.brokerMessage)
        case (.ignoresWhatTheIDNames, .rejected):
            if let known = placed[placement.client] { return known }
        case (.sendsOnceClosed, .notSent(.closed)): return BrokerOrderID("after hours")
        default: break
        }
        throw error
    }

    /// The same order, under an id and a number that nobody has used.
    private func under(_ placement: Placement) -> Placement {
        extra += 1
        return Placement(
            placement.order.with(number: OrderNumber(1_000_000 + extra)),
            as: ClientOrderID(high: extra, low: extra), permit: placement.permit)
    }
    private func sendWhatIsOwed(_ limit: Nanoseconds) async {
        guard !owed.isEmpty else { return }
        let placement = owed.removeFirst()
        do { _ = try await inner.place(under(placement), within: limit) } catch {
            owed.append(placement)
        }
    }
    /// As if all calls had one queue.
    private func refuseBehindQuestions() throws(BrokerError) {
        guard mistake == .questionsGoFirst, questionWasRefused else { return }
        throw BrokerError(.rateLimited(wait: .seconds(1)), "questions wait")
    }
    private func noteRefusal(_ error: BrokerError) {
        if case .rateLimited = error.code { questionWasRefused = true }
    }

    func cancel(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError) {
        try refuseBehindQuestions()
        switch mistake {
        case .cancelInDoubtMeansDone, .cancelInDoubtMeansNothing:
            do { try await line.cancel(name, within: limit) } catch {
                guard error.code == .outcomeUnknown else { throw error }
                if mistake == .cancelInDoubtMeansDone { return }
                throw BrokerError(.nothingToCancel, error.brokerMessage)
            }
        case .cancelLies: return
        case .cancelsTheNeighbour:
            guard case .found(let order) = try await inner.order(name), order.state == .working,
                let other = try await inner.openOrders().last
            else { return try await inner.cancel(name, within: limit) }
            try await inner.cancel(.broker(other.brokerID), within: limit)
        case .cancelAlwaysSaysYes: do { try await line.cancel(name, within: limit) } catch {}
        default: try await line.cancel(name, within: limit)
        }
    }

    func modify(
        _ name: OrderName, to modification: Modification, within limit: Nanoseconds
    ) async throws(BrokerError) -> BrokerOrderID {
        var sent = modification
        if mistake == .changesByDifference, case .found(let order) = try await inner.order(name) {
            // As if what was said were to be added.
            let units = order.quantity.units + modification.change.quantity.units
            sent = Modification(
                OrderChange(
                    limit: modification.change.limit, quantity: Quantity(units: units)),
                permit: modification.permit)
        }
        do {
            let broker = try await line.modify(name, to: sent, within: limit)
            if mistake == .forgetsTheNewNumber { changed.insert(broker) }
            return broker
        } catch {
            if mistake == .changeInDoubtMeansRefused, error.code == .outcomeUnknown {
                throw BrokerError(.rejected, error.brokerMessage)
            }
            guard mistake == .changeLies, error.isRefusal,
                case .found(let order) = try await inner.order(name)
            else { throw error }
            return order.brokerID
        }
    }

    // MARK: Questions

    func order(_ name: OrderName, within limit: Nanoseconds) async throws(BrokerError)
        -> OrderLookup
    {
        if case .broker(let broker) = name, changed.contains(broker) { return .none }
        let answer = try await line.order(name, within: limit)
        switch (mistake, name, answer) {
        case (.believesACopy, .client(let client), .none) where placed[client] != nil:
            disowned.insert(client)
            return answer
        case (.findsNothing, .client, _): return .none
        case (.findsAnything, _, .none): return .cannotTell
        default: return answer
        }
    }
    func openOrders(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerOrder] {
        var orders: [BrokerOrder]
        do {
            orders = try await line.openOrders(within: limit)
            questionWasRefused = false
        } catch {
            noteRefusal(error)
            guard mistake == .nothingWhereNobodyAnswers, error.code == .offline else { throw error }
            return []
        }
        switch mistake {
        case .wrongQuantityInOpenOrders:
            for index in orders.indices where orders[index].filled.isPositive {
                // What is left, where what was ordered is asked for.
                let left = orders[index].quantity.units - orders[index].filled.units
                orders[index].quantity = Quantity(units: left)
            }
        case .listsEndedOrders:
            for broker in placed.values where !orders.contains(where: { $0.brokerID == broker }) {
                if case .found(let order) = try await inner.order(.broker(broker)) {
                    orders.append(order)
                }
            }
        default: break
        }
        return orders
    }
    func orders(since time: Timestamp, within limit: Nanoseconds)
        async throws(BrokerError) -> [BrokerOrder]
    { try await line.orders(since: time, within: limit) }
    func fills(since time: Timestamp, within limit: Nanoseconds) async throws(BrokerError)
        -> [Fill]
    {
        let fills = try await line.fills(since: time, within: limit)
        if mistake == .forgetsTaxesInHistory { return fills.map { $0.taxed(nil) } }
        return mistake == .repeatsFillsInHistory ? fills + fills.suffix(1) : fills
    }
    func positions(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerPosition] {
        let positions = try await line.positions(within: limit)
        guard mistake == .addsAShare else { return positions }
        return positions.map { position in
            var position = position
            position.quantity = Quantity(units: position.quantity.units + fixedPointScale)
            position.available = Quantity(units: position.available.units + fixedPointScale)
            return position
        }
    }
    func balances(within limit: Nanoseconds) async throws(BrokerError) -> [BrokerBalance] {
        var balances = try await line.balances(within: limit)
        for index in balances.indices {
            switch mistake {
            case .cashWithoutFees:
                for fill in try await inner.fills(since: Timestamp(nanoseconds: .min)) {
                    balances[index].cash += fill.fee
                    balances[index].available += fill.fee
                }
            case .freesNoCashThatIsHeld:
                if try await !inner.fills(since: Timestamp(nanoseconds: .min)).isEmpty {
                    balances[index].available -= .won(1)
                }
            default: break
            }
        }
        return balances
    }
    func heartbeat(within limit: Nanoseconds) async throws(BrokerError) -> BrokerHeartbeat {
        if mistake == .heartbeatFails { throw BrokerError(.unauthorized, "the session has ended") }
        if mistake == .heartbeatRemembersAFailure, let failedBeat { throw failedBeat }
        do {
            var beat = try await line.heartbeat(within: limit)
            if mistake == .heartbeatOfTheWrongClock {
                beats += 1
                beat = BrokerHeartbeat(brokerTime: .seconds(1_000_000 - beats))
            }
            lastBeat = beat
            return beat
        } catch {
            failedBeat = error
            guard mistake == .heartbeatHidesAnOutage, let lastBeat else { throw error }
            return lastBeat
        }
    }
    func adopt(_ order: Order, as client: ClientOrderID, at broker: BrokerOrderID)
        async throws(BrokerError)
    {
        if mistake == .adoptsAnything { return }
        try await inner.adopt(order, as: client, at: broker)
    }

    // MARK: News

    func news(after number: UInt64, limit: Int, wait: Bool) async -> [NumberedNews] {
        await readOn()
        if wait, !isClosed, UInt64(told.count) <= number {
            _ = await inner.news(after: read, limit: 1, wait: true)
            await readOn()
        }
        if mistake == .talksAfterTheClose, isClosed, wait {
            return [NumberedNews(number: number + 1, news: .gap("closed"))]
        }
        return tell(after: number, limit: limit)
    }

    private func tell(after number: UInt64, limit: Int) -> [NumberedNews] {
        var first = number
        if mistake == .givesNewsOnce { first = max(number, given) }
        if mistake == .dropsNewsOfTheSlow, UInt64(told.count) > first + 64 {
            told.removeLast(told.count - Int(first) - 64)
        }
        let news = told.enumerated().dropFirst(Int(min(first, UInt64(told.count)))).prefix(limit)
        given = first + UInt64(news.count)
        return news.map { index, news in
            let number = UInt64(index) + 1
            return NumberedNews(
                number: mistake == .restartsItsNumbers ? (number - 1) % 8 + 1 : number, news: news)
        }
    }

    /// Takes the right news and makes the mistake in them.
    private func readOn() async {
        while true {
            let news = await inner.news(after: read, limit: 50, wait: false)
            guard let last = news.last else { return }
            read = last.number
            for piece in news { take(piece.news) }
        }
    }
    private var fillsSeen = 0
    private var heldBack: BrokerNews?

    private func take(_ news: BrokerNews) {
        guard case .report(let report) = news else { return told.append(news) }
        switch (mistake, report) {
        case (.losesAFill, .filled):
            fillsSeen += 1
            if fillsSeen % 3 != 0 { told.append(news) }
        case (.doublesAFill, .filled): told += [news, news]
        case (.halvesAFill, .filled(let fill)):
            let half = Quantity(units: max(1, fill.quantity.units / 2))
            told.append(.report(.filled(fill.with(quantity: half))))
        case (.taxesBeyondTheFee, .filled(let fill)):
            told.append(.report(.filled(fill.taxed(fill.fee + Money(units: 1)))))
        case (.forgetsTaxesInHistory, .filled(let fill)):
            told.append(.report(.filled(fill.taxed(fill.tax ?? .zero))))
        case (.fillsBeyondTheLimit, .filled(let fill)):
            // Worse for a buy; the first fill of the scenarios is one.
            let price = Price(units: fill.price.units + 100 * fixedPointScale)
            told.append(.report(.filled(fill.with(price: price))))
        case (.losesAcceptances, .accepted), (.losesExpiries, .expired): break
        case (.expiredMeansCancelled, .expired(let number, let reason)):
            told.append(.report(.cancelled(number, reason: reason)))
        case (.endsBeforeItBegins, .accepted): heldBack = news
        case (.endsBeforeItBegins, _):
            told += [news, heldBack.take()].compactMap(\.self)
        default: told.append(news)
        }
    }

    func close() async {
        isClosed = true
        await inner.close()
    }
}
