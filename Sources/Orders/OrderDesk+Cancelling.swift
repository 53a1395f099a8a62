import Ports
import TradingModel

extension OrderDesk {
    /// Remembered until the order has ended, whatever it is doing now.
    mutating func wish(for number: OrderNumber, _ reason: String) {
        guard let index = index(of: number), !entries[index].isEnded, entries[index].wish == nil
        else { return }
        entries[index].wish = reason
        entries[index].cancelling.want(at: now)
    }

    mutating func turnKill(_ on: Bool, _ reason: String) {
        guard on else {
            kill = nil
            return
        }
        kill = reason
        for number in active {
            guard let index = index(of: number), entries[index].approved.opens else { continue }
            wish(for: number, "the kill switch: \(reason)")
        }
    }

    /// Of an order that turned out to be at the broker. One that was asked for by its client order id, or was taken
    /// already, is not asked for a second time: the order itself tells what came of it.
    mutating func wantCancel(_ index: Int) {
        let entry = entries[index]
        guard entry.wish != nil, entry.cancelTakenAt == nil, entry.cancelling.call == nil else {
            return
        }
        entries[index].cancelling.want(at: now)
    }

    /// Whether a cancel can be written of it. In doubt it is cancelled before it is asked for, where the broker keeps our
    /// own name of it: taken, the cancel says that the order was there, and while one asks it may fill. By a broker's
    /// number it is asked for first: numbers begin anew each day at some, and behind a restart it may be another's.
    func isCancellable(_ entry: DeskEntry) -> Bool {
        guard entry.stage == .inDoubt else { return true }
        guard entry.doubt?.needsPerson != true else { return false }
        return capabilities.clientOrderIDs != .none
    }

    mutating func cancelIfDue(_ index: Int) {
        let entry = entries[index]
        guard let wish = entry.wish, isCancellable(entry) else { return }
        if let taken = entry.cancelTakenAt, entry.question.call == nil, entry.question.due == nil,
            now >= taken.advanced(by: settings.cancelPatience)
        {
            // Taken, and no end was told: look, and the answer asks for the cancel again if need be.
            entries[index].question.want(at: now)
        }
        guard entry.cancelling.isReady(at: now) else { return }
        if !entry.toldCancel {
            entries[index].toldCancel = true
            if !entry.isGhost { outbox.reports.append(.cancelAsked(entry.number, reason: wish)) }
        }
        let name = entry.stage == .inDoubt ? .client(entry.approved.client) : entry.name
        let id = call(
            .cancel(name, of: entry.number), for: .cancel(entry.number),
            limit: settings.limits.order)
        entries[index].cancelling.began(id)
    }

    mutating func cancelAnswered(_ number: OrderNumber, _ id: CallID, _ answer: DeskAnswer) {
        guard let index = index(of: number) else { return }
        guard entries[index].cancelling.call == id else {
            // Of one that was given up: it proves as much as in time.
            if answer == .done { tookCancelLate(index) }
            return
        }
        let isDoubtful = entries[index].stage == .inDoubt
        switch answer {
        case .done:
            entries[index].cancelling.succeeded()
            entries[index].cancelTakenAt = now
            // It was there. What of it has filled, nobody tells of an order that is not known yet.
            if isDoubtful {
                entries[index].cancelIsProof = true
                entries[index].question.want(at: now)
            }
        case .noTurn: entries[index].cancelling.waitsOn(at: now)
        case .failed(let error) where error.code == .nothingToCancel && isDoubtful:
            // That proves nothing: the order may be on its way still.
            entries[index].cancelling.succeeded()
            entries[index].question.want(at: now)
        case .failed(let error) where error.code == .nothingToCancel:
            // It ended before, or the broker does not know it: the question tells which.
            entries[index].cancelling.succeeded()
            entries[index].cancelTakenAt = now
            entries[index].question.want(at: now)
        case .failed(let error):
            if error.code == .unauthorized { noteUnauthorized(error) }
            if case .later(let atLeast) = error.retry {
                cancelLater(index, "\(error)", atLeast: atLeast)
            } else {
                cancelLater(index, "\(error)", atLeast: .zero)
            }
        default: cancelLater(index, "no answer within the limit", atLeast: .zero)
        }
    }

    /// Proof that the order was there. Of one that was said not to have been, what filled before is not in the books.
    private mutating func tookCancelLate(_ index: Int) {
        let entry = entries[index]
        switch entry.stage {
        case .inDoubt: break
        case .ended(let end):
            guard end != .filled, entry.broker == nil, !entry.isFull else { return }
            haunt(index, "order \(entry.number) was \(end), and the broker took its cancel")
            entries[index].cancelling.drop()
        case .waiting, .placing, .working: return
        }
        entries[index].cancelTakenAt = now
        entries[index].cancelIsProof = true
        entries[index].question.want(at: now)
    }

    /// A cancel is harmless when repeated, so it is repeated until an answer is known.
    private mutating func cancelLater(_ index: Int, _ why: String, atLeast: Nanoseconds) {
        let tries = entries[index].cancelling.tries + 1
        let wait = backOff.wait(after: tries, of: entries[index].number.value)
        entries[index].cancelling.failed(retryAt: now.advanced(by: max(atLeast, wait)))
        guard tries & (tries - 1) == 0 else { return }  // 1, 2, 4, 8, …
        note(
            .orderDelayed, severity: tries >= 4 ? .critical : .warning, of: entries[index],
            "order \(entries[index].number) is not cancelled yet, try \(tries): \(why)")
    }
}
