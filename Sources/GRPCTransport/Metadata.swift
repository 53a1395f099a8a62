import CGRPC

/// Headers or trailers of a call, in order.
///
/// Keys are lower case; those ending in `-bin` carry bytes, all others printable ASCII.
package struct Metadata: Hashable, Sendable {
    /// One header.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let value: [UInt8]
        package init(_ key: String, _ value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }
    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// The first value under `key`.
    package subscript(_ key: String) -> [UInt8]? { entries.first { $0.key == key }?.value }

    /// Adds a header whose value is text.
    package mutating func add(_ key: String, _ text: String) {
        entries.append(Entry(key, Array(text.utf8)))
    }

    init(copying array: grpc_metadata_array) {
        entries = []
        guard let first = array.metadata else { return }
        for index in 0..<array.count {
            entries.append(Entry(copying: first + index))
        }
    }
}

extension Metadata.Entry {
    fileprivate init(copying element: UnsafePointer<grpc_metadata>) {
        guard let keySlice = element.pointer(to: \.key),
            let valueSlice = element.pointer(to: \.value)
        else { preconditionFailure("stored fields have addresses") }
        key = String(copying: keySlice)
        value = [UInt8](
            UnsafeBufferPointer(
                start: host_grpc_slice_bytes(valueSlice), count: host_grpc_slice_length(valueSlice))
        )
    }
}

extension String {
    /// The slice's bytes read as UTF-8, with what is not replaced.
    init(copying slice: UnsafePointer<grpc_slice>) {
        self.init(
            decoding: UnsafeBufferPointer(
                start: host_grpc_slice_bytes(slice), count: host_grpc_slice_length(slice)),
            as: UTF8.self)
    }
}
