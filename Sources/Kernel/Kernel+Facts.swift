import TradingModel

extension Kernel {
    /// How something decided comes about: applied, and handed out.
    ///
    /// What an order comes of has desk, vote or order at hand: there the functions of ``change(by:)`` are called
    /// with them, and then the fact is told. Nothing else changes what is decided upon.
    // Inlined where the case is known: then no fact is taken apart that was just made.
    @inline(__always)
    mutating func emit(_ fact: consuming Fact, into effects: inout Effects) {
        change(by: fact)
        effects.tell(fact)
    }

    /// Changes what the kernel decides upon, in recovery, as the log says.
    public mutating func apply(_ fact: Fact) { change(by: fact) }

    @inline(__always)
    private mutating func change(by fact: borrowing Fact) {
        switch fact {
        case .signal(let signal, let status):
            if status == .pending { stand(signal) }
        case .opened(let signal, let deadline):
            stand(signal)
            if let desk = desk(of: signal.key.desk) {
                openRound(desk, at: signal.position, deadline)
            }
        case .voteEnded(let key, _, _): end(key)
        case .roundOpened(let key, let position, let deadline):
            if let desk = desk(of: key) { openRound(desk, at: position, deadline) }
        case .roundClosed(let key, _): if let desk = desk(of: key) { endRound(desk) }
        case .risk, .contradiction: break
        case .ordered(let decision):
            place(decision.order, reserving: decision.reserved, from: decision.source)
        case .acted(let action):
            if let desk = desk(of: action.desk) { endRound(desk) }
            place(
                action.decision.order, reserving: action.decision.reserved,
                from: action.decision.source)
            end(action.vote)
        case .submitted(let number, _):
            if let found = orders.index(of: number) { submit(number, found) }
        case .orderEnded(let number, let state, let reason): applyEnd(number, state, reason)
        case .filled(let fill, let booking):
            if let found = orders.index(of: fill.order) ?? orders.recall(fill.order) {
                apply(fill, booking, of: found)
            }
        case .dayStarted(let account, let day, let equity):
            accounts[Int(account.index)].begin(day, equity)
        case .killed(let on, let scope, _): kills.turn(scope, on)
        case .limitPassed(let passed):
            let account = Int(passed.account.index)
            if !accounts[account].passed.contains(passed.key) {
                accounts[account].passed.append(passed.key)
            }
        case .inDoubt(let number, _):
            guard let found = orders.index(of: number) else { return }
            orders.machines[found].applyInDoubt()
            if !doubtful.contains(number), !orders.machines[found].state.isFinal {
                doubtful.append(number)
            }
        case .cancelAsked(let number, _):
            if let found = orders.index(of: number) { orders.machines[found].applyCancelAsked() }
            if exits.isOn { guardHears(cancelOf: number) }
        case .exit(let fact): apply(fact)
        case .corrected(let correction): apply(correction)
        case .change(let fact): apply(fact)
        }
    }

    mutating func openRound(_ desk: Int, at position: EventPosition, _ deadline: Timestamp) {
        desks[desk].round = Desk.Round(position: position, deadline: deadline)
        insert(desk, into: &openRounds)
    }

    mutating func endRound(_ desk: Int) {
        desks[desk].round = nil
        remove(desk, from: &openRounds)
    }

    private mutating func stand(_ signal: Signal) {
        guard let desk = desk(of: signal.key.desk), let terms = terms(for: signal) else {
            return
        }
        stand(
            Vote(
                signal: signal, input: terms.input, quantity: terms.quantity,
                addsToPosition: terms.addsToPosition,
                expires: expiry(of: signal, terms.input) ?? .distantFuture),
            desk)
    }

    mutating func stand(_ vote: Vote, _ desk: Int) {
        // Mostly it is the only one: then there is nothing to look through or to move.
        guard let last = desks[desk].votes.last, last.source > vote.source else {
            return desks[desk].votes.append(vote)
        }
        let at = desks[desk].votes.firstIndex { $0.source > vote.source }
        desks[desk].votes.insert(vote, at: at ?? 0)
    }

    private mutating func end(_ key: VoteKey) {
        guard let desk = desk(of: key.desk) else { return }
        let last = desks[desk].votes.count - 1
        if last >= 0, desks[desk].votes[last].key == key {
            desks[desk].votes.removeLast()
        } else if let at = desks[desk].votes.firstIndex(where: { $0.key == key }) {
            desks[desk].votes.remove(at: at)
        }
    }

    /// An order exists, with the cash that it holds.
    mutating func place(_ order: Order, reserving reserved: Money, from source: SourceID) {
        orders.insert(OrderMachine(order, of: source, reserving: reserved, at: clock))
        if isWatching { noteAge(of: order) }
        lastOrder = max(lastOrder, order.number.value)
        changeWorking(order, by: order.quantity.units, desk(of: order))
        let account = Int(order.account.index)
        accounts[account].reserved += reserved
        if order.side == .buy, gates[account].limits.readsHistory {
            let memory = gates[account].limits.memory
            accounts[account].recent.note(order, at: clock, memory: memory)
        }
    }

    mutating func submit(_ number: OrderNumber, _ found: Int) {
        orders.machines[found].applySubmitted()
        if !doubtful.isEmpty { resolve(number) }
    }

    private mutating func apply(_ fill: Fill, _ booking: Booking, of found: Int) {
        let order = orders.order(at: found)
        if let desk = desk(of: order) { apply(fill, booking, of: found, order, desk) }
    }

    @inline(__always)
    mutating func apply(
        _ fill: Fill, _ booking: Booking, of found: Int, _ order: Order, _ desk: Int
    ) {
        let held = exits.isOn ? desks[desk].position : .zero
        let (before, after) = orders.apply(fill, at: found)
        let account = Int(order.account.index)
        accounts[account].reserved -= before.reservation - after.reservation
        if order.side == .buy {
            // What was taken less the fee is what was bought.
            accounts[account].boughtToday +=
                accounts[account].cash - booking.cashAfter - fill.fee
        }
        accounts[account].cash = booking.cashAfter
        desks[desk].position = booking.positionAfter
        desks[desk].cost = booking.costAfter
        desks[desk].realised += booking.realised
        changeWorking(order, by: after.open.units - before.open.units, desk)
        if after.isFinal, !before.isFinal { orders.noteEnd(of: fill.order) }
        if !doubtful.isEmpty { resolve(fill.order) }
        if exits.isOn { guardHears(fill, of: order, desk, held: held) }
    }

    /// An answer or a fill came: it is in doubt no more.
    @inline(never)
    private mutating func resolve(_ number: OrderNumber) { doubtful.removeAll { $0 == number } }

    private mutating func applyEnd(
        _ number: OrderNumber, _ state: OrderMachine.State, _ reason: String
    ) {
        guard let found = orders.index(of: number), !orders.machines[found].state.isFinal
        else { return }
        let order = orders.order(at: found)
        let claims = orders.claims(of: found)
        changeWorking(order, by: -claims.open.units, desk(of: order))
        accounts[Int(order.account.index)].reserved -= claims.reservation
        orders.machines[found].applyEnd(state)
        if !doubtful.isEmpty { resolve(number) }
        if state == .rejected || state == .failed {
            accounts[Int(order.account.index)].recent.noteFailure(in: order.instrument, at: clock)
        }
        if state.isFinal { orders.noteEnd(of: number) }
        guard exits.isOn else { return }
        let refusal =
            reason.hasPrefix(RefusalWords.notCovered) ? ExitTries.End.uncovered : .refused
        guardHears(endOf: number, order, state == .rejected ? refusal : .other)
    }

    @inline(__always)
    func desk(of order: Order) -> Int? {
        desk(of: DeskKey(account: order.account, instrument: order.instrument))
    }

    mutating func changeWorking(_ order: Order, by units: Int64, _ desk: Int?) {
        guard let desk else { return }
        switch order.side {
        case .buy: desks[desk].workingBuys.move(by: units)
        case .sell: desks[desk].workingSells.move(by: units)
        }
        noteActivity(of: desk)
    }

    /// Its position or its working orders have changed.
    @inline(__always)
    mutating func noteActivity(of desk: Int) {
        let account = Int(desks[desk].key.account.index)
        if desks[desk].isActive {
            insert(desk, into: &accounts[account].active)
        } else {
            remove(desk, from: &accounts[account].active)
        }
    }

    /// A fingerprint of everything that decides or follows from events.
    public func stateHash() -> UInt64 {
        var hasher = StateHasher()
        hashKills(into: &hasher)
        hasher.combine(lastOrder)
        for index in 0..<accounts.count {
            hasher.combine(accounts[index].cash.units)
            hasher.combine(accounts[index].reserved.units)
            hasher.combine(accounts[index].day)
            hasher.combine(accounts[index].equityAtDayStart.units)
            hasher.combine(accounts[index].peak.units)
            hasher.combine(accounts[index].boughtToday.units)
            accounts[index].passed.forEach { $0.hash(into: &hasher) }
            for other in accounts[index].otherDays {
                hasher.combine(other.day)
                hasher.combine(other.equity.units)
                hasher.combine(other.bought.units)
                other.passed.forEach { $0.hash(into: &hasher) }
            }
        }
        for index in 0..<books.count {
            hasher.combine(books[index].last?.units ?? .min)
            for candle in books[index].candles { hasher.combine(candle.at.value) }
        }
        for index in 0..<desks.count {
            hasher.combine(desks[index].position.units)
            hasher.combine(desks[index].cost.units)
            hasher.combine(desks[index].realised.units)
            hasher.combine(desks[index].round?.position.value ?? 0)
            hasher.combine(desks[index].round?.deadline.nanoseconds ?? 0)
            for vote in desks[index].votes {
                hasher.combine(Int(vote.source.index))
                hasher.combine(vote.position.value)
                hasher.combine(vote.key.index)
                hasher.combine(UInt64(vote.side.rawValue))
                hasher.combine(Int(vote.confidence.millionths))
                hasher.combine(vote.expires.nanoseconds)
            }
        }
        for machine in workingOrders() {
            hasher.combine(machine.order.number.value)
            hasher.combine(UInt64(machine.state.rawValue))
            hasher.combine(machine.filled.units)
            // What no run over a file has leaves the hashes of those as they were.
            if machine.isCancelAsked { hasher.combine(true) }
            machine.hashTerms(into: &hasher)
        }
        for index in 0..<seats.count { slots[index].hash(into: &hasher) }
        hashExits(into: &hasher)
        hashTradability(into: &hasher)
        return hasher.value
    }
}

extension PassedLimit {
    fileprivate func hash(into hasher: inout StateHasher) {
        hasher.combine(UInt64(limit.rawValue))
        hasher.combine(instrument.map { Int($0.index) } ?? -1)
    }
}

extension Quantity {
    /// Saturates: the gate keeps sums in range, a log need not.
    fileprivate mutating func move(by units: Int64) {
        let (sum, overflow) = self.units.addingReportingOverflow(units)
        self = Quantity(units: overflow ? (units > 0 ? .max : .min) : sum)
    }
}

/// Keeps a short array of indices sorted and without repetition.
private func insert(_ value: Int, into sorted: inout [Int]) {
    guard let last = sorted.last, last >= value else { return sorted.append(value) }
    guard last != value, let at = sorted.firstIndex(where: { $0 >= value }), sorted[at] != value
    else { return }
    sorted.insert(value, at: at)
}
private func remove(_ value: Int, from sorted: inout [Int]) {
    if sorted.last == value {
        sorted.removeLast()
    } else if let at = sorted.firstIndex(of: value) {
        sorted.remove(at: at)
    }
}
