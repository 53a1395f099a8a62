/// Why a call did not do its work: the status, what lies behind it as far as the text tells, and
/// what to do next.
package struct RPCError: Error, Hashable, Sendable {
    package let status: RPCStatus
    package let trouble: Trouble
    /// The target and method, such as `unix:/run/x/s.sock /pkg.Service/Method`.
    package let place: String

    package init(_ status: RPCStatus, at place: String, trouble: Trouble? = nil) {
        self.status = status
        self.place = place
        self.trouble = trouble ?? Trouble(status)
    }

    init(_ code: RPCStatus.Code, _ message: String, at place: String, trouble: Trouble) {
        self.init(RPCStatus(code, message), at: place, trouble: trouble)
    }

    package var code: RPCStatus.Code { status.code }
}

extension RPCError: CustomStringConvertible {
    package var description: String {
        let advice = trouble.advice
        return "\(place): \(status)" + (advice.isEmpty ? "" : "\n  \(advice)")
    }
}
