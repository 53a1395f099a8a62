import TradingModel

/// Working orders, and the latest that ended.
///
/// Of one that ended long ago a report is a contradiction, which a person is told; but for a fill: one that ended with
/// something open comes back for it (``recall(_:)``). Numbers ascend, the latest without a gap: an order stands where
/// its number says.
struct KnownOrders {
    /// Ended orders known at least; a run of months must not keep them all.
    static var endedKept: Int { 4_096 }

    /// Sorted by number.
    var machines: [OrderMachine] = []
    /// In the order in which they ended.
    private var ended: [OrderNumber] = []
    /// Of those that are known no more: what may fill at a broker all the same.
    private var old = OldOrders<OrderMachine>()
    /// Likewise, those that failed before a broker had them: hours of a lockdown make tens of thousands, which take no place of
    /// one that was at a broker.
    private var oldFailed = OldOrders<OrderMachine>()

    init() {
        // Once, and not by copying what is there again and again.
        machines.reserveCapacity(2 * Self.endedKept)
        ended.reserveCapacity(2 * Self.endedKept)
    }

    // Inlined, for a call would be handed a copy of all this.
    @inline(__always)
    func index(of number: OrderNumber) -> Int? {
        guard let last = machines.last?.order.number, number <= last else { return nil }
        let distance = last.value - number.value
        if distance < UInt64(machines.count) {
            let index = machines.count - 1 - Int(distance)
            if machines[index].order.number == number { return index }
        }
        return searchedIndex(of: number)
    }

    @inline(never)
    private func searchedIndex(of number: OrderNumber) -> Int? {
        let index = firstIndex(notBelow: number)
        return machines[index].order.number == number ? index : nil
    }

    // Reads of a machine where it stands. Mutating though nothing changes: for a plain read the array's
    // subscript copies the whole machine, and counts its set.
    mutating func answer(of index: Int, to report: BrokerReport) -> OrderMachine.Answer {
        read(index) { $0.answer(to: report) }
    }
    mutating func answer(
        of index: Int, to fill: Fill
    ) -> (answer: OrderMachine.FillAnswer, order: Order) {
        read(index) { ($0.answer(to: fill), $0.order) }
    }
    mutating func isUnconfirmed(_ index: Int) -> Bool { read(index) { $0.isUnconfirmed } }
    mutating func order(at index: Int) -> Order { read(index) { $0.order } }
    mutating func source(at index: Int) -> SourceID { read(index) { $0.source } }
    mutating func claims(of index: Int) -> OrderMachine.Claims { read(index) { $0.claims } }

    /// - Returns: What the order held before the fill, and holds behind it.
    mutating func apply(
        _ fill: Fill, at index: Int
    ) -> (before: OrderMachine.Claims, after: OrderMachine.Claims) {
        read(index) { machine in
            let before = machine.claims
            machine.apply(fill)
            return (before, machine.claims)
        }
    }

    @inline(__always)
    private mutating func read<Value>(
        _ index: Int, _ body: (inout OrderMachine) -> Value
    ) -> Value { body(&machines[index]) }

    /// An order whose number is known already takes its place.
    mutating func insert(_ machine: consuming OrderMachine) {
        let number = machine.order.number
        if let last = machines.last, last.order.number >= number {
            let index = firstIndex(notBelow: number)
            if machines[index].order.number == number {
                machines[index] = machine
            } else {
                machines.insert(machine, at: index)
            }
        } else {
            machines.append(machine)
        }
    }

    /// - Parameter number: Of an order that has just ended.
    mutating func noteEnd(of number: OrderNumber) {
        ended.append(number)
        if ended.count == 2 * Self.endedKept { forgetOldest() }
    }

    @inline(never)
    private mutating func forgetOldest() {
        let forgotten = ended.prefix(Self.endedKept).sorted()
        ended.removeFirst(Self.endedKept)
        // Mostly they are the first but for a few: those are put together, and the rest moves up once.
        var kept: [OrderMachine] = []
        var (next, end) = (0, 0)
        while end < machines.count, next < forgotten.count {
            let number = machines[end].order.number
            while next < forgotten.count, forgotten[next] < number { next += 1 }
            if next < forgotten.count, forgotten[next] == number {
                next += 1
                if machines[end].failedBefore {
                    oldFailed.keep(machines[end], as: number)
                } else if machines[end].endedShort {
                    old.keep(machines[end], as: number)
                }
            } else {
                kept.append(machines[end])
            }
            end += 1
        }
        machines.replaceSubrange(..<end, with: kept)
    }

    // MARK: Old ones

    /// One that ended long ago with something of it open; `nil`: there is none of this number.
    func oldOrder(_ number: OrderNumber) -> OrderMachine? { old[number] ?? oldFailed[number] }

    /// Makes an old one known again, for a fill of it.
    ///
    /// - Returns: Where it stands now.
    @inline(never)
    mutating func recall(_ number: OrderNumber) -> Int? {
        guard let machine = old.take(number) ?? oldFailed.take(number) else { return nil }
        // First, for it may move what is known.
        noteEnd(of: number)
        insert(machine)
        return index(of: number)
    }

    /// At most the last index, which the caller has looked at.
    private func firstIndex(notBelow number: OrderNumber) -> Int {
        var (low, high) = (0, machines.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if machines[middle].order.number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
