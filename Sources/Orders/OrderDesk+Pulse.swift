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
        var why = "no answer"
        if case .failed(let error) = answer {
            why = "\(error)"
            if error.code == .unauthorized { noteUnauthorized(error) }
        }
        guard tries >= settings.heartbeatsLost, !isDown else { return }
        isDown = true
        let what =
            "\(capabilities.name) does not answer: \(tries) heartbeats failed, the last: \(why)"
        note(.brokerDown, what + "; nothing opens until it does")
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
        case .failed, .lost: break
        default:
            toldUnauthorized = false
            // Heartbeats wait behind questions at a slow limit; what answers those is alive.
            heartbeat.tries = 0
        }
    }

    /// When it wants `.wake` at the latest; `nil`: only when something happens.
    package var wake: Timestamp? {
        var times: [Timestamp?] = [
            heartbeat.wake, openOrders.wake, fills.wake, positions.wake, balances.wake,
        ]
        for call in calls where !call.isGivenUp { times.append(call.deadline) }
        for number in active {
            if let index = index(of: number) { times += wakes(of: entries[index]) }
        }
        return times.compactMap(\.self).min()
    }

    private func wakes(of entry: DeskEntry) -> [Timestamp?] {
        switch entry.stage {
        case .waiting(let notBefore):
            // One whose lane is taken waits for an answer, which has a time of its own.
            return [notBefore > now ? notBefore : nil, entry.approved.validUntil]
        case .placing, .ended: return []
        case .inDoubt: return [entry.question.wake]
        case .working:
            let patience =
                entry.question.call == nil && entry.question.due == nil
                ? entry.cancelTakenAt?.advanced(by: settings.cancelPatience) : nil
            let cancel = entry.wish == nil ? nil : entry.cancelling.wake
            return [
                entry.question.wake, entry.adoption.wake, cancel, patience,
                entry.change?.wake(after: now),
            ]
        }
    }
}
