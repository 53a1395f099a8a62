import Ports
import TradingModel

extension StrategySetting {
    /// A line for each deadline of a kind of event that the server does not hear.
    func idleDeadlines(of description: ServerDescription) -> [String] {
        guard case .server(let server) = kind, let deadlines = server.deadlines else { return [] }
        return EventClass.allCases.filter { deadlines[$0] != nil && !description.hears($0) }.map {
            "\(name) has a deadline for \($0), and hears none"
        }
    }
}

extension ServerDescription {
    fileprivate func hears(_ kind: EventClass) -> Bool {
        kind == .fills
            ? readsAccount
            : inputs.contains { input in
                switch input.kind {
                case .ticks, .quotes: kind == .ticks
                case .candles(_, let unfinished): kind == .candles || kind == .ticks && unfinished
                case .timers: kind == .timers
                }
            }
    }
}
