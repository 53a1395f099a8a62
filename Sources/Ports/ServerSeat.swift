/// Which of a strategy's two servers, where it has a standby: as configured, whoever of them is heard.
package enum ServerSeat: UInt8, Hashable, Sendable, CaseIterable {
    case main = 0
    case standby = 1

    package var other: ServerSeat { self == .main ? .standby : .main }
    package var name: String { self == .main ? "main" : "standby" }
}
