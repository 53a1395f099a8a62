import TradingModel

/// Working orders, and the latest that ended.
///
/// A report of one that ended long ago is of an order that is not known any more, which a person is told, as
/// of any other. Numbers ascend, the latest without a gap: an order stands where its number says.
struct KnownOrders {
    /// Ended orders known at least; a run of months must not keep them all.
    static var endedKept: Int { 4_096 }

    /// Sorted by number.
    var machines: [OrderMachine] = []
    /// In the order in which they ended.
    private var ended: [OrderNumber] = []

    func index(of number: OrderNumber) -> Int? {
        guard let last = machines.last?.order.number, number <= last else { return nil }
        let distance = last.value - number.value
        if distance < UInt64(machines.count) {
            let index = machines.count - 1 - Int(distance)
            if machines[index].order.number == number { return index }
        }
        let index = firstIndex(notBelow: number)
        return machines[index].order.number == number ? index : nil
    }

    // Reads of a machine where it stands. Mutating though nothing changes: for a plain read the array's
    // subscript copies the whole machine, and counts its set.
    mutating func answer(of index: Int, to report: BrokerReport) -> OrderMachine.Answer {
        machines[index].answerInPlace(to: report)
    }
    mutating func claims(of index: Int) -> OrderMachine.Claims { machines[index].claimsInPlace() }

    /// An order whose number is known already takes its place.
    mutating func insert(_ machine: OrderMachine) {
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
        var next = 0
        machines.removeAll { machine in
            while next < forgotten.count, forgotten[next] < machine.order.number { next += 1 }
            return next < forgotten.count && forgotten[next] == machine.order.number
        }
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
