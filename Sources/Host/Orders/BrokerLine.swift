import Orders
import Platform
import Ports
import TradingModel

/// Carries a desk's calls to its broker, and answers and news back to the loop. It decides nothing.
///
/// The loop hands calls over and takes what came; each call is a task of ``run()``. *Limit*: each call has one, which the adapter
/// keeps; the desk gives up by itself what is not answered past it. *Retry*: none here; a call that was taken is made once.
/// *Idempotency*: the client order id, which stands in the log before the call is handed over.
final class BrokerLine: Sendable {
    struct Call: Sendable {
        let call: DeskCall
        /// What is left of its limit.
        let limit: Nanoseconds
        /// Of a `place` or a `modify`.
        let permit: SendPermit?
    }
    enum Arrival: Sendable {
        /// - Parameter took: How long the broker took, where it answered a call that it answers at once.
        case answer(CallID, DeskAnswer, took: Nanoseconds?)
        case news(NumberedNews)
    }
    private struct State {
        /// As many answers at most as calls were taken, and one helping of news.
        var arrivals: [Arrival] = []
        var isClosed = false
    }
    let link: BrokerLink
    private let index: Int
    private let lastHop: LastHop
    private let doorbell: Doorbell
    private let clock: any TimeSource
    private let calls: AsyncStream<Call>
    private let source: AsyncStream<Call>.Continuation
    private let state = Locked(State())
    private let taken = AsyncSignal()
    /// Calls that wait for a task: past that they are answered `offline`, for nothing of them was written.
    private static let capacity = 16_384
    private static let helping = 256

    init(
        _ link: BrokerLink, index: Int, lastHop: LastHop, doorbell: Doorbell,
        clock: any TimeSource
    ) {
        self.link = link
        self.clock = clock
        self.index = index
        self.lastHop = lastHop
        self.doorbell = doorbell
        (calls, source) = AsyncStream.makeStream(
            of: Call.self, bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    // MARK: The loop's side

    /// Never blocks.
    func make(_ call: Call) {
        guard case .enqueued = source.yield(call) else {
            let error = BrokerError(.offline, "too many calls wait for this broker")
            return arrive([.answer(call.call.id, .failed(error), took: nil)])
        }
    }

    /// Everything that came since the last call.
    func takeArrivals() -> [Arrival] {
        let arrivals = state.withLock { state in
            let arrivals = state.arrivals
            state.arrivals = []
            return arrivals
        }
        if !arrivals.isEmpty { taken.set() }
        return arrivals
    }

    /// Nothing more is taken; ``run()`` ends when what is under way has ended.
    func close() {
        state.withLock { $0.isClosed = true }
        source.finish()
        taken.set()
    }

    // MARK: The tasks' side

    /// Makes calls and listens, until ``close()`` or the end of its task.
    func run() async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.link.service()
                return false
            }
            group.addTask {
                await self.listen()
                return false
            }
            group.addTask {
                await self.serve()
                return true
            }
            // Once no call is under way, nobody needs the adapter.
            for await isServed in group where isServed { break }
            await link.broker.close()
            group.cancelAll()
        }
    }
    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            for await call in calls {
                group.addTask { self.arrive([await self.arrival(of: call)]) }
            }
        }
    }

    private func arrive(_ arrivals: [Arrival]) {
        state.withLock { $0.arrivals += arrivals }
        doorbell.ring()
    }

    /// The next helping is asked for when the loop has taken the last: until then the adapter keeps it.
    private func listen() async {
        var last: UInt64 = 0
        while !Task.isCancelled {
            let news = await link.broker.news(after: last, limit: Self.helping, wait: true)
            guard let end = news.last else { return }
            last = end.number
            arrive(news.map { .news($0) })
            while holdsNews, !Task.isCancelled { await taken.wait() }
            if isClosed { return }
        }
    }

    private var holdsNews: Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            return state.arrivals.contains { if case .news = $0 { true } else { false } }
        }
    }

    private func arrival(of call: Call) async -> Arrival {
        // Nobody was asked, so nobody took any time.
        if let refusal = refusal(of: call.call.kind) {
            return .answer(call.call.id, .failed(refusal), took: nil)
        }
        let begun = clock.monotonic()
        let answer = await answer(to: call)
        let took = Nanoseconds(clock.monotonic() - begun)
        return .answer(
            call.call.id, answer, took: call.call.kind.isShort && answer.isAnswer ? took : nil)
    }

    /// What the broker does not take at all, or not now: it is not sent.
    private func refusal(of kind: DeskCall.Kind) -> BrokerError? {
        let now = Timestamp(nanoseconds: clock.utc())
        return switch kind {
        case .place(let approved): link.takes.objection(to: approved.order, at: now)
        case .modify(_, let approved): link.takes.objection(to: approved.change, at: now)
        default: nil
        }
    }

    private func answer(to call: Call) async -> DeskAnswer {
        do throws(BrokerError) {
            return try await carried(call)
        } catch {
            return .failed(error)
        }
    }

    private func carried(_ made: Call) async throws(BrokerError) -> DeskAnswer {
        let (broker, limit) = (link.broker, made.limit)
        switch made.call.kind {
        case .place(let approved):
            guard let permit = made.permit, lastHop.passes(approved, at: index) else {
                doorbell.ring()
                throw BrokerError(.notSent(.closed), "the last hop has no approval of it")
            }
            let placement = Placement(approved.order, as: approved.client, permit: permit)
            return .placed(try await broker.place(placement, within: limit))
        case .cancel(let name, _):
            try await broker.cancel(name, within: limit)
            return .done
        case .modify(let name, let approved):
            guard let permit = made.permit, lastHop.passes(approved, at: index, permit) else {
                doorbell.ring()
                throw BrokerError(.notSent(.closed), "the last hop has no approval of the change")
            }
            let modification = Modification(approved.change, permit: permit)
            return .placed(try await broker.modify(name, to: modification, within: limit))
        case .order(let name, _): return .order(try await broker.order(name, within: limit))
        case .orders(let since):
            return .orders(try await broker.orders(since: since, within: limit))
        case .openOrders: return .orders(try await broker.openOrders(within: limit))
        case .fills(let since): return .fills(try await broker.fills(since: since, within: limit))
        case .positions: return .positions(try await broker.positions(within: limit))
        case .balances: return .balances(try await broker.balances(within: limit))
        case .heartbeat: return .heartbeat(try await broker.heartbeat(within: limit))
        case .adopt(let order, let client, let id):
            try await broker.adopt(order, as: client, at: id)
            return .done
        }
    }
}

extension DeskCall.Kind {
    /// Whether a broker that is well answers at once: lists may be long.
    fileprivate var isShort: Bool {
        switch self {
        case .place, .cancel, .modify, .order, .heartbeat: true
        case .orders, .openOrders, .fills, .positions, .balances, .adopt: false
        }
    }
}

extension DeskAnswer {
    /// Whether it came from the broker: what it did not answer in time, or was not asked, is told by its desk.
    fileprivate var isAnswer: Bool {
        switch self {
        case .lost, .noTurn: false
        case .failed(let error):
            switch error.code {
            case .notSent, .offline, .outcomeUnknown: false
            case .rejected, .insufficient, .priceRule, .notTradable, .rateLimited, .maintenance,
                .unauthorized, .nothingToCancel:
                true
            }
        default: true
        }
    }
}
