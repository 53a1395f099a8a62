/// Why bytes are not a message. Whatever a peer sends ends here, never in a trap.
package struct WireError: Error, Hashable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The bytes end inside a field, or a field passes the end of the message it stands in.
        case truncated
        /// A varint of more than ten bytes; a tag or a length of more than five.
        case malformedVarint
        /// A length of 2 GiB or more.
        case lengthTooLarge
        /// Field number zero.
        case zeroFieldNumber
        /// Wire type 6 or 7.
        case unknownWireType
        /// An end of group without its start, or with the number of another one.
        case unmatchedEndGroup
        /// A packed column of fixed-width values whose length is no multiple of the width.
        case unevenColumn
        /// A `string` that is not UTF-8.
        case invalidUTF8
        /// Messages or groups inside each other, more than ``WireReader/depthLimit``.
        case tooDeep
    }

    package let reason: Reason
    /// Where, in bytes from the start of what was decoded.
    package let offset: Int
    /// The outermost message, by its name in the .proto files.
    package let message: String

    package init(_ reason: Reason, offset: Int, message: String = "") {
        self.reason = reason
        self.offset = offset
        self.message = message
    }

    package var description: String {
        let name = message.isEmpty ? "the message" : message
        return "\(name) is malformed at byte \(offset): \(reason.words)"
    }
}

extension WireError.Reason {
    var words: String {
        switch self {
        case .truncated: "it ends inside a field"
        case .malformedVarint: "a number has too many bytes"
        case .lengthTooLarge: "a length of 2 GiB or more"
        case .zeroFieldNumber: "field number 0"
        case .unknownWireType: "wire type 6 or 7"
        case .unmatchedEndGroup: "the end of a group that did not start"
        case .unevenColumn: "a packed column that ends inside a value"
        case .invalidUTF8: "a text that is not UTF-8"
        case .tooDeep: "nested deeper than \(WireReader.depthLimit)"
        }
    }
}
