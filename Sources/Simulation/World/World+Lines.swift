import Orders
import Ports
import TradingModel

/// Calls on their way to a broker, answers and news on their way back, and what becomes of them.
extension World {
    // MARK: Out

    /// The last hop: permit, memory, then the socket.
    mutating func write(_ call: UInt64, _ broker: Int) {
        guard let made = lines[broker].open[call] else { return }
        switch made.kind {
        case .place(let approved):
            guard writePlacing(approved, call, broker) else { return }
        case .modify(_, let approved):
            guard writeChange(approved, call, broker) else { return }
        case .cancel(_, let order):
            note(.asked(call: call, broker: broker, .cancel(order)))
        case .adopt(let order, _, _):
            note(.asked(call: call, broker: broker, .adopt(order.number)))
            let answer = lines[broker].answer(
                made.kind, currency: "KRW", now: now, lags: false, omits: false)
            return reply(answer, call, broker)
        default: note(.asked(call: call, broker: broker, Happening.Question(made.kind)))
        }
        transmit(made, call, broker)
        if let crash = strikes(crashAt: .sent) { self.crash(at: crash) }
    }

    /// - Returns: Whether the order goes to the wire.
    private mutating func writePlacing(_ approved: ApprovedOrder, _ call: UInt64, _ broker: Int)
        -> Bool
    {
        switch lines[broker].adapter.recall(approved.order, approved.client) {
        case .known(let id):
            reply(.placed(id), call, broker)
            return false
        case .unknown:
            reply(.failed(BrokerError(.outcomeUnknown, "asked before")), call, broker)
            return false
        case .another:
            reply(.failed(BrokerError(.rejected, "the id names another order")), call, broker)
            return false
        case .new: break
        }
        var withdrawal = permits[approved.number]?.withdrawal(at: now.nanoseconds)
        if let until = approved.validUntil, now >= until { withdrawal = withdrawal ?? .late }
        if let withdrawal {
            note(.withdrawn(call: call, broker: broker, approved.number, withdrawal))
        }
        guard isWritten(call, broker, withdrawal) else { return false }
        lines[broker].adapter.wrote(approved.order, approved.client)
        note(.sent(call: call, broker: broker, approved.order, approved.client))
        return true
    }

    /// Whether a call leaves the adapter; where it does not, it has its answer.
    mutating func isWritten(_ call: UInt64, _ broker: Int, _ withdrawal: Withdrawal?) -> Bool {
        if let withdrawal {
            reply(
                .failed(BrokerError(.notSent(withdrawal), "withdrawn before the write")), call,
                broker)
            return false
        }
        guard now < lines[broker].offline else { return true }
        reply(.failed(BrokerError(.offline, "connection refused")), call, broker)
        return false
    }

    private mutating func transmit(_ made: DeskCall, _ call: UInt64, _ broker: Int) {
        if now < lines[broker].offline {
            return reply(.failed(BrokerError(.offline, "connection refused")), call, broker)
        }
        if stray(made, call, broker) { return }
        if faults.strikes(.requestLost) {
            meets(made, .requestLost)
            return struck(.requestLost, "call \(call)")
        }
        var span = network.span(Nanoseconds.milliseconds(2)...Nanoseconds.milliseconds(60))
        if made.mayBeLate, faults.strikes(.requestLate) {
            meets(made, .requestLate)
            let late = faults.stream(of: .requestLate) {
                $0.span(Nanoseconds.zero...Nanoseconds.seconds(4))
            }
            span = Nanoseconds(made.limit.count + late.count)
            struck(.requestLate, "call \(call) by \(words(span))")
        }
        agenda.add(.arrive(broker: broker, call: call, made, life: life), after: span)
    }

    // MARK: At the broker

    mutating func arrive(_ made: DeskCall, _ call: UInt64, _ broker: Int, _ life: Int) {
        if strayCalls.remove(call) != nil { return arriveAstray(made, call, broker, life) }
        if let wait = lines[broker].count(at: now) {
            meets(made, .rateLimited)
            struck(.rateLimited, "call \(call), more than the broker takes in a second")
            return send(
                .failed(BrokerError(.rateLimited(wait: wait), "too many calls")), call, broker,
                life)
        }
        if let refusal = refusal(of: made, call, broker) {
            return send(.failed(refusal), call, broker, life)
        }
        let isError = strike(.serverError, call)
        if isError {
            meets(made, .serverError)
            let isQuestion = made.urgency == .question
            let code: BrokerError.Code = isQuestion ? .offline : .outcomeUnknown
            return send(.failed(BrokerError(code, "HTTP 502")), call, broker, life)
        }
        var answer = act(made, call, broker, life)
        if made.urgency != .question, strike(.serverErrorDone, call) {
            meets(made, .serverErrorDone)
            answer = .failed(BrokerError(.outcomeUnknown, "HTTP 504"))
        }
        send(answer, call, broker, life, of: made)
    }

    private mutating func strike(_ fault: Fault, _ call: UInt64) -> Bool {
        guard faults.strikes(fault) else { return false }
        struck(fault, "call \(call)")
        return true
    }

    private mutating func refusal(of made: DeskCall, _ call: UInt64, _ broker: Int) -> BrokerError?
    {
        if let refusal = lines[broker].refusal(at: now) { return refusal }
        if strike(.rateLimited, call) {
            meets(made, .rateLimited)
            return BrokerError(.rateLimited(wait: .milliseconds(400)), "too many calls")
        }
        if case .modify(_, let approved) = made.kind, strike(.rejected, call) {
            meets(made, .rejected)
            return turnedDown(approved, broker)
        }
        guard case .place(let approved) = made.kind, strike(.rejected, call) else { return nil }
        let codes: [BrokerError.Code] = [.rejected, .insufficient, .priceRule, .notTradable]
        let code = faults.stream(of: .rejected) { $0.pick(codes) }
        let error = BrokerError(code, "the broker will not have it")
        note(.turnedDown(broker: broker, approved.number, error))
        return error
    }

    private mutating func act(_ made: DeskCall, _ call: UInt64, _ broker: Int, _ life: Int)
        -> DeskAnswer
    {
        switch made.kind {
        case .place(let approved): place(approved, broker, life)
        case .cancel(let name, _): cancel(name, broker, life)
        case .modify(let name, let approved): modify(name, approved, broker, life)
        default: answer(made, call, broker)
        }
    }

    private mutating func answer(_ made: DeskCall, _ call: UInt64, _ broker: Int) -> DeskAnswer {
        if case .orders = made.kind, lines[broker].floor.terms.capabilities.clientOrderIDs == .none
        {
            addStranger(call, broker)
        }
        return lines[broker].answer(
            made.kind, currency: "KRW", now: now, lags: strike(.snapshotLags, call),
            omits: strike(.snapshotOmits, call))
    }

    private mutating func addStranger(_ call: UInt64, _ broker: Int) {
        guard let ours = lines[broker].floor.entries.last, strike(.lookalike, call) else { return }
        var order = lines[broker].floor.answer(ours)
        order.brokerID = BrokerOrderID("somebody-\(lines[broker].strangers.count + 1)")
        order.filled = .zero
        order.filledValue = .zero
        order.state = .cancelled
        lines[broker].strangers.append((ours.id, order))
    }

    private mutating func place(_ approved: ApprovedOrder, _ broker: Int, _ life: Int)
        -> DeskAnswer
    {
        switch lines[broker].floor.place(approved.order, as: approved.client, at: now) {
        case .failure(let error):
            note(.turnedDown(broker: broker, approved.number, error))
            return .failed(error)
        case .success(.some(let event)):
            happened([event], broker, life)
            return .placed(event.entry.id)
        case .success(nil):
            // Known under this id: it is the order of a former life.
            let at = lines[broker].floor.index(of: .client(approved.client)) ?? 0
            return .placed(lines[broker].floor.entries[at].id)
        }
    }

    private mutating func cancel(_ name: OrderName, _ broker: Int, _ life: Int) -> DeskAnswer {
        guard let asked = lines[broker].adapter.translated(name) else {
            return .failed(BrokerError(.nothingToCancel, "no number is known"))
        }
        if let at = lines[broker].floor.index(of: asked),
            lines[broker].floor.entries[at].state == .working, strike(.fillAfterCancel, 0)
        {
            // It fills, and word of it comes behind word of the cancel.
            let order = lines[broker].floor.entries[at].order
            let index = Int(order.instrument.index)
            let tick = Tick(
                instrument: order.instrument, feedTime: now,
                price: order.limit ?? market.price(of: index),
                quantity: Quantity(units: fixedPointScale))
            happened(lines[broker].floor.observe(tick), broker, life, late: .seconds(2))
        }
        guard let event = lines[broker].floor.cancel(asked, reason: "on request") else {
            return .failed(BrokerError(.nothingToCancel, "nothing is open"))
        }
        if forgets(event.entry, broker) { return .done }
        happened([event], broker, life)
        return .done
    }

    // MARK: Back

    private mutating func send(
        _ answer: DeskAnswer, _ call: UInt64, _ broker: Int, _ life: Int,
        of made: DeskCall? = nil
    ) {
        if faults.strikes(.replyLost) {
            meets(made, .replyLost)
            return struck(.replyLost, "call \(call)")
        }
        var span = network.span(Nanoseconds.milliseconds(2)...Nanoseconds.milliseconds(60))
        if faults.strikes(.replySlow) {
            span = faults.stream(of: .replySlow) {
                $0.span(Nanoseconds.milliseconds(100)...Nanoseconds.seconds(14))
            }
            meets(made, .replySlow)
            struck(.replySlow, "call \(call) by \(words(span))")
        }
        agenda.add(.reply(broker: broker, call: call, answer, life: life), after: span)
        if faults.strikes(.replyDoubled) {
            meets(made, .replyDoubled)
            struck(.replyDoubled, "call \(call)")
            agenda.add(
                .reply(broker: broker, call: call, answer, life: life),
                after: Nanoseconds(span.count * 2))
        }
    }

    /// An answer comes out of the socket. Behind its call's limit only the adapter learns from it.
    mutating func replied(_ answer: DeskAnswer, _ call: UInt64, _ broker: Int) {
        if lines[broker].open[call] != nil { return reply(answer, call, broker) }
        guard let approved = lines[broker].late.removeValue(forKey: call),
            case .placed(let id) = answer
        else { return }
        begin()
        for item in lines[broker].adapter.learned(approved.number, id) { hear(item, broker) }
        finish()
    }

    mutating func limitPassed(_ call: UInt64, _ broker: Int) {
        guard let made = lines[broker].open[call] else { return }
        if case .place(let approved) = made.kind { lines[broker].late[call] = approved }
        let isQuestion = made.urgency == .question
        let code: BrokerError.Code = isQuestion ? .offline : .outcomeUnknown
        reply(.failed(BrokerError(code, "no answer in \(words(made.limit))")), call, broker)
    }

    /// Ends a call.
    mutating func reply(_ answer: DeskAnswer, _ call: UInt64, _ broker: Int) {
        guard let made = lines[broker].open.removeValue(forKey: call) else { return }
        var answer = answer
        if case .order(.found(let order)) = answer {
            answer = .order(.found(lines[broker].adapter.named(order)))
        }
        var news: [BrokerNews] = []
        if case .place(let approved) = made.kind {
            note(.answered(call: call, broker: broker, Happening.Outcome(answer, approved.number)))
            switch answer {
            case .placed(let id):
                news = lines[broker].adapter.learned(approved.number, id)
            case .failed(let error) where error.isCertain:
                lines[broker].adapter.forget(approved.order, approved.client)
            default: break
            }
        } else {
            note(.answered(call: call, broker: broker, Happening.Outcome(answer, made.kind)))
            if case .modify(_, let approved) = made.kind, case .placed(let id) = answer {
                lines[broker].adapter.renumber(approved.number, nil, id)
            }
        }
        if case .failed(let error) = answer, case .rateLimited(let wait) = error.code,
            scenario.isPaced
        {
            limiters[broker].refused(wait: wait, at: now)
        }
        if let crash = strikes(crashAt: .answered) { return self.crash(at: crash) }
        begin()
        for item in news { hear(item, broker) }
        desks[broker].handle(.answer(made.id, answer), at: now)
        finish()
    }

    private mutating func hear(_ news: BrokerNews, _ broker: Int) {
        let numbered = lines[broker].adapter.numbered(news)
        note(.heard(broker: broker, numbered))
        desks[broker].handle(.news(numbered), at: now)
    }

    // MARK: News

    /// Writes down what really happened, and lets word of it go to the host.
    mutating func happened(
        _ events: [BrokerFloor.Event], _ broker: Int, _ life: Int, late: Nanoseconds? = nil
    ) {
        for event in events {
            switch event {
            case .accepted(let entry): note(.accepted(broker: broker, entry.id, entry.order))
            case .filled(let entry, let fill):
                note(.filled(broker: broker, entry.id, entry.order, fill))
            case .cancelled(let entry, let reason):
                note(.cancelled(broker: broker, entry.id, entry.order, reason: reason))
            case .changed(let entry, let former):
                note(.altered(broker: broker, entry.id, former: former, entry.order))
            }
            var span = network.span(Nanoseconds.milliseconds(3)...Nanoseconds.milliseconds(40))
            if let late { span = late }
            if faults.strikes(.newsDelayed) {
                span = faults.stream(of: .newsDelayed) {
                    $0.span(Nanoseconds.milliseconds(300)...Nanoseconds.seconds(4))
                }
                struck(.newsDelayed, "by \(words(span))")
            }
            // Order by order they come in turn; a delay holds up what is behind it, a reordered one does not.
            let order = event.entry.order.number
            var time = now.advanced(by: span)
            if faults.strikes(.newsReordered) || late != nil {
                if late == nil { struck(.newsReordered, "of intent \(order)") }
            } else {
                time = max(time, lines[broker].lastNews[order] ?? time)
                lines[broker].lastNews[order] = time
            }
            agenda.add(.told(broker: broker, event, life: self.life), at: time)
            if faults.strikes(.newsDoubled) {
                if case .changed = event { note(.changeMet(.newsDoubled)) }
                struck(.newsDoubled, "of intent \(order)")
                agenda.add(
                    .told(broker: broker, event, life: self.life),
                    at: time.advanced(by: .milliseconds(50)))
            }
        }
    }

    mutating func told(_ event: BrokerFloor.Event, _ broker: Int, _ life: Int) {
        // Nobody listens to a dead line, and a new life has a line of its own.
        guard isUp, life == self.life, now >= lines[broker].broken else { return }
        let news = lines[broker].adapter.receive(event)
        guard !news.isEmpty else { return }
        begin()
        for item in news { hear(item, broker) }
        finish()
    }

    mutating func lineUp(_ broker: Int) {
        guard now >= lines[broker].broken, isUp else { return }
        begin()
        hear(.gap("the line was broken"), broker)
        finish()
    }
}
