import Orders
import Ports
import TradingModel

/// What comes over a broker for a while, and what its line is like.
extension World {
    mutating func weather(_ broker: Int) {
        if !restedOnce { agenda.add(.weather(broker: broker), after: scenario.weatherEvery) }
        lines[broker].copy = lines[broker].floor
        func span(_ fault: Fault, _ most: Int64) -> Timestamp {
            now.advanced(
                by: faults.stream(of: fault) {
                    $0.span(Nanoseconds.seconds(1)...Nanoseconds.seconds(most))
                })
        }
        if faults.strikes(.maintenance) {
            lines[broker].maintenance = span(.maintenance, 30)
            struck(.maintenance, "\(name(broker)) for \(left(lines[broker].maintenance))")
        }
        if faults.strikes(.sessionExpired) {
            lines[broker].expired = span(.sessionExpired, 20)
            struck(.sessionExpired, "\(name(broker)) for \(left(lines[broker].expired))")
        }
        if faults.strikes(.offline) {
            lines[broker].offline = span(.offline, 20)
            struck(.offline, "\(name(broker)) for \(left(lines[broker].offline))")
        }
        if faults.strikes(.lineBroken) {
            breakLine(broker, until: span(.lineBroken, 15))
            struck(.lineBroken, "\(name(broker)) for \(left(lines[broker].broken))")
        }
        if faults.strikes(.brokerRestarted) {
            breakLine(broker, until: span(.brokerRestarted, 8))
            struck(.brokerRestarted, name(broker))
            silentlyCancelAll(broker)
        }
        if faults.strikes(.halted) {
            let index = faults.stream(of: .halted) {
                Int($0.number(0...Int64(scenario.instruments.count - 1)))
            }
            lines[broker].floor.setHalted(true, index)
            struck(.halted, "\(scenario.instruments[index].symbol) at \(name(broker))")
            agenda.add(.resume(broker: broker, instrument: index), at: span(.halted, 20))
        }
    }

    private mutating func breakLine(_ broker: Int, until: Timestamp) {
        lines[broker].broken = max(lines[broker].broken, until)
        agenda.add(.lineUp(broker: broker), at: until)
    }

    private mutating func silentlyCancelAll(_ broker: Int) {
        for event in lines[broker].floor.cancelAll(reason: "the broker restarted") {
            note(
                .cancelled(
                    broker: broker, event.entry.id, event.entry.order,
                    reason: "the broker restarted"))
        }
    }

    private func name(_ broker: Int) -> String { history.terms.brokers[broker].name }
    private func left(_ until: Timestamp) -> String { words(until.since(now)) }
}
