import Ports
import TradingModel

/// Many orders that are to be asked for at once: a kill of hundreds, a start behind a crash.
///
/// Asked for one by one they take as many turns as there are orders, behind the cancels that use up the limit. One list
/// answers for all that are in it, each as if it had been asked for alone; what is not in it says nothing, for lists
/// lag, and is asked for alone. *Limit*: that of a question. *Retry*: by the questions it stands for.
extension OrderDesk {
    mutating func askForThoseDue() {
        guard !asking.isEmpty else { return }
        let due = asking
        asking.removeAll(keepingCapacity: true)
        var room =
            max(1, settings.questionsAtOnce)
            - calls.count { call in
                guard case .question(let number) = call.purpose, !call.isGivenUp,
                    let index = index(of: number)
                else { return false }
                // Those that are found by their looks ask for lists of their own.
                return entries[index].doubt?.byLooks != true
            }
        // Where all find room nobody waits for a list.
        let isCrowded = due.count > room
        var together: [OrderNumber] = []
        for number in due {
            guard let index = index(of: number) else { continue }
            let isClaimed = entries[index].claim != nil
            // Of a change on its way a list may have either number's row.
            let asksAlone = entries[index].asksAlone || entries[index].change != nil
            if isCrowded, !asksAlone, !isClaimed, rollCall == nil {
                together.append(number)
            } else if room > 0 || isClaimed {
                room -= 1
                let name = entries[index].claim.map { .broker($0) } ?? entries[index].name
                let id = call(
                    .order(name, of: number), for: .question(number),
                    limit: settings.limits.question)
                entries[index].question.began(id)
            }
        }
        callRoll(of: together)
    }

    private mutating func callRoll(of numbers: [OrderNumber]) {
        let indices = numbers.compactMap { index(of: $0) }
        guard let since = indices.map({ beginning(of: entries[$0]) }).min() else { return }
        let id = call(.orders(since: since), for: .rollCall, limit: settings.limits.question)
        rollCall = id
        for index in indices { entries[index].question.began(id) }
    }

    mutating func rollCallAnswered(_ id: CallID, _ answer: DeskAnswer) {
        guard rollCall == id else { return }
        rollCall = nil
        let asked = active.filter { number in
            index(of: number).map { entries[$0].question.call == id } ?? false
        }
        if case .failed(let error) = answer, error.code == .unauthorized { noteUnauthorized(error) }
        guard case .orders(let list) = answer else {
            for number in asked { askAgain(number, alone: answer != .noTurn) }
            return
        }
        // Of a name that comes twice the first counts.
        let byNumber = Dictionary(
            list.map { ($0.brokerID, $0) }, uniquingKeysWith: { first, _ in first })
        let byClient = Dictionary(
            list.compactMap { order in order.clientID.map { ($0, order) } },
            uniquingKeysWith: { first, _ in first })
        for number in asked {
            guard let index = index(of: number), entries[index].question.call == id else {
                continue
            }
            let entry = entries[index]
            let isChanging = entry.change != nil
            let found = entry.broker.map { byNumber[$0] } ?? byClient[entry.approved.client]
            if let found, !isChanging {
                questionAnswered(number, id, .order(.found(found)))
            } else {
                askAgain(number, alone: true)
            }
        }
    }

    private mutating func askAgain(_ number: OrderNumber, alone: Bool) {
        guard let index = index(of: number) else { return }
        if alone { entries[index].asksAlone = true }
        entries[index].question.waitsOn(at: now)
    }
}
