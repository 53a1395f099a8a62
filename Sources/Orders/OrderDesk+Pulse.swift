import Ports
package import TradingModel

extension OrderDesk {
    mutating func heartbeatAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard heartbeat.call == id else { return }
        guard case .heartbeat(let beat) = answer else { return heartbeatFailed(answer) }
        heartbeat.succeeded()
        heartbeat.due = now.advanced(by: settings.heartbeatEvery)
        if let time = beat.brokerTime, isFarOff(time) {
            note(
                .staleData,
                "the broker's clock is \(time.since(now).count / 1_000_000) ms from ours, more than \(settings.clockSkew.count / 1_000_000) ms"
            )
        }
        guard isDown else { return }
        isDown = false
        // That it told nothing while it was down is told.
        hold.since = now
        note(.brokerDown, severity: .info, "\(capabilities.name) answers again")
        reconcile("the broker was not reached")
    }

    private func isFarOff(_ time: Timestamp) -> Bool {
        time.since(now).count.magnitude > settings.clockSkew.count.magnitude
    }

    private mutating func heartbeatFailed(_ answer: DeskAnswer) {
        let tries = heartbeat.tries + 1
        let wait = min(backOff.wait(after: tries, of: 0), settings.heartbeatEvery)
        heartbeat.failed(retryAt: now.advanced(by: wait))
        var why = answer == .noTurn ? "it had no turn within its limit" : "no answer"
        if case .failed(let error) = answer {
            why = "\(error)"
            if error.code == .unauthorized { noteUnauthorized(error) }
        }
        guard tries >= settings.heartbeatsLost, !isDown else { return }
        isDown = true
        let what =
            "\(capabilities.name) does not answer: \(tries) heartbeats failed, the last: \(why)"
        let others =
            hold.awaitsBroker
            ? ", at another broker of the account, where it has one, neither: what is held here is not known"
            : ""
        note(.brokerDown, what + "; nothing opens until it does" + others)
        escalate(.brokerDown, what)
    }

    mutating func noteUnauthorized(_ error: BrokerError) {
        guard !toldUnauthorized else { return }
        toldUnauthorized = true
        note(.unauthorized, "\(error)")
        escalate(.unauthorized, "\(error)")
    }

    /// An answer that only a logged-in line can give.
    mutating func noteLife(_ answer: DeskAnswer) {
        switch answer {
        case .lost, .noTurn: break
        // A no is a word of the broker's too.
        case .failed(let error) where error.code != .nothingToCancel: break
        default:
            toldUnauthorized = false
            // Heartbeats wait behind questions at a slow limit; what answers those is alive.
            heartbeat.tries = 0
        }
    }

    /// When it wants `.wake` at the latest; `nil`: only when something happens.
    package var wake: Timestamp? {
        var first = Earliest()
        if hold.hasNews { first.add(now) }
        if hold.awaitsBroker, !hold.toldSilence, !isDown { first.add(silenceEnds) }
        first.add(heartbeat.wake)
        first.add(openOrders.wake)
        first.add(fills.wake)
        first.add(positions.wake)
        first.add(balances.wake)
        for call in calls where !call.isGivenUp { first.add(call.deadline) }
        var place = 0
        for number in active {
            if let index = index(of: number, behind: &place) { add(wakesOf: index, to: &first) }
        }
        return first.time
    }

    /// Asked at every turn, of every order: without an array of what is to be compared.
    private struct Earliest {
        var time: Timestamp?
        mutating func add(_ other: Timestamp?) {
            if let other { time = time.map { min($0, other) } ?? other }
        }
    }

    private func add(wakesOf index: Int, to first: inout Earliest) {
        switch entries[index].stage {
        case .waiting(let notBefore):
            // One whose lane is taken waits for an answer, which has a time of its own.
            if notBefore > now { first.add(notBefore) }
            first.add(entries[index].approved.validUntil)
        case .placing, .ended: break
        case .inDoubt:
            first.add(held(entries[index].question.wake))
            if entries[index].wish != nil, isCancellable(entries[index]) {
                first.add(entries[index].cancelling.wake)
            }
        case .working:
            first.add(held(entries[index].question.wake))
            if let wake = entries[index].adoption.wake, !mayBeRenumbered(entries[index]) {
                first.add(wake)
            }
            if entries[index].wish != nil { first.add(entries[index].cancelling.wake) }
            if entries[index].question.call == nil, entries[index].question.due == nil {
                first.add(
                    entries[index].cancelTakenAt?.advanced(by: settings.cancelPatience))
            }
            first.add(entries[index].change?.wake(after: now))
        }
    }

    /// One that is due and was not asked waits for the answer of a call, which has a time of its own.
    private func held(_ due: Timestamp?) -> Timestamp? { due.flatMap { $0 > now ? $0 : nil } }
}
