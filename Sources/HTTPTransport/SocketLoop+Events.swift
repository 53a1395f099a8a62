import CWebSockets
import Platform

/// What libwebsockets calls, on the loop's thread, with everything that happens to a line.
func hearSocket(
    _ raw: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    guard let raw, let context = lws_get_context(raw), let user = lws_context_user(context)
    else { return 0 }
    let loop = Unmanaged<SocketLoop>.fromOpaque(user).takeUnretainedValue()
    let id = UInt(bitPattern: lws_get_opaque_user_data(raw))
    let bytes = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    switch reason {
    case LWS_CALLBACK_HTTP: return loop.refuseHTTP(raw)
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return loop.admit(raw)
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: return loop.addHeaders(raw, id, bytes)
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: loop.failed(raw, id, bytes)
    case LWS_CALLBACK_CLIENT_ESTABLISHED, LWS_CALLBACK_ESTABLISHED: loop.opened(raw, id)
    case LWS_CALLBACK_CLIENT_RECEIVE, LWS_CALLBACK_RECEIVE: return loop.heard(raw, id, bytes)
    case LWS_CALLBACK_CLIENT_WRITEABLE, LWS_CALLBACK_SERVER_WRITEABLE: return loop.write(raw, id)
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: loop.peerCloses(id, bytes)
    case LWS_CALLBACK_WSI_DESTROY: loop.destroyed(id)
    default: return lws_callback_http_dummy(raw, reason, nil, nil, 0)
    }
    return 0
}

extension SocketLoop {
    // MARK: A server's door

    fileprivate func refuseHTTP(_ raw: OpaquePointer) -> Int32 {
        lws_return_http_status(raw, 426, "only WebSockets are served here")
        return -1
    }

    fileprivate func admit(_ raw: OpaquePointer) -> Int32 {
        guard case .server(let door) = side else { return 0 }
        guard header(WSI_TOKEN_HOST, of: raw) != nil else {
            lws_return_http_status(raw, 400, "one Host is needed")
            return -1
        }
        let upgrade = WebSocketUpgrade(
            path: header(WSI_TOKEN_GET_URI, of: raw) ?? "",
            query: header(WSI_TOKEN_HTTP_URI_ARGS, of: raw) ?? "",
            authorization: header(WSI_TOKEN_HTTP_AUTHORIZATION, of: raw))
        if let status = door.admit(upgrade) {
            lws_return_http_status(raw, UInt32(clamping: status), nil)
            return -1
        }
        let socket = add(upgrade, door.listener)
        lws_set_opaque_user_data(raw, UnsafeMutableRawPointer(bitPattern: socket.socket.id))
        return 0
    }

    private func header(_ token: lws_token_indexes, of raw: OpaquePointer) -> String? {
        let length = Int(lws_hdr_total_length(raw, token))
        guard length > 0 else { return nil }
        var text = [CChar](repeating: 0, count: length + 1)
        guard lws_hdr_copy(raw, &text, Int32(length + 1), token) >= 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: A client's handshake

    /// - Parameter slot: Where the library keeps its place in the head, and how much room is left.
    fileprivate func addHeaders(
        _ raw: OpaquePointer, _ id: UInt, _ slot: UnsafeRawBufferPointer
    ) -> Int32 {
        guard let target = sockets[id]?.target, let base = slot.baseAddress else { return 0 }
        let place = UnsafeMutableRawPointer(mutating: base)
            .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        guard let end = place.pointee.map({ $0 + slot.count }) else { return -1 }
        for header in target.headers {
            let isRoom = header.value.withText { value in
                lws_add_http_header_by_name(
                    raw, header.name.lowercased() + ":", value, Int32(value.utf8.count), place, end)
                    == 0
            }
            guard isRoom else { return -1 }
        }
        return 0
    }

    fileprivate func failed(_ raw: OpaquePointer, _ id: UInt, _ words: UnsafeRawBufferPointer) {
        guard let socket = sockets[id], let continuation = socket.continuation else { return }
        socket.continuation = nil
        let status = Int(lws_http_client_http_response(raw))
        let said = String(decoding: words.prefix { $0 != 0 }, as: UTF8.self)
        let error =
            status > 0 && status != 101
            ? WebSocketError(.refused(status: status), "the handshake was answered with \(status)")
            : WebSocketError(.notConnected, "no WebSocket: \(said.isEmpty ? "no answer" : said)")
        continuation.resume(returning: .failure(error))
    }

    // MARK: An open line

    fileprivate func opened(_ raw: OpaquePointer, _ id: UInt) {
        guard let socket = sockets[id] else { return }
        socket.raw = raw
        socket.isOpen = true
        if let continuation = socket.continuation {
            socket.continuation = nil
            continuation.resume(returning: .success(socket.socket))
        } else {
            _ = socket.socket.tell(.opened)
        }
    }

    fileprivate func heard(
        _ raw: OpaquePointer, _ id: UInt, _ bytes: UnsafeRawBufferPointer
    ) -> Int32 {
        guard let socket = sockets[id] else { return -1 }
        guard socket.part.count + bytes.count <= limits.message else {
            socket.said = (1009, "a message of more than \(limits.message) bytes came")
            return end(raw, 1009, "too long")
        }
        socket.part += bytes
        guard lws_is_final_fragment(raw) != 0, lws_remaining_packet_payload(raw) == 0 else {
            return 0
        }
        let message = WebSocketMessage(
            isText: lws_frame_is_binary(raw) == 0, bytes: socket.part)
        socket.part = []
        if !socket.socket.tell(.message(message)) { lws_rx_flow_control(raw, 0) }
        return 0
    }

    fileprivate func write(_ raw: OpaquePointer, _ id: UInt) -> Int32 {
        guard let socket = sockets[id] else { return -1 }
        switch socket.socket.work() {
        case .nothing: return 0
        case .tear: return -1
        case .close(let code, let reason): return end(raw, code, reason)
        case .send(let message, let hasMore):
            let room = host_lws_pre()
            var frame = [UInt8](repeating: 0, count: room)
            frame += message.bytes
            let count = frame.withUnsafeMutableBufferPointer { frame in
                lws_write(
                    raw, frame.baseAddress.map { $0 + room }, message.bytes.count,
                    message.isText ? LWS_WRITE_TEXT : LWS_WRITE_BINARY)
            }
            // Without the -1 a line that died here would be served for ever.
            guard count >= 0 else { return -1 }
            if hasMore { lws_callback_on_writable(raw) }
            return 0
        }
    }

    private func end(_ raw: OpaquePointer, _ code: UInt16, _ reason: String) -> Int32 {
        var words = Array(reason.utf8.prefix(123))
        lws_close_reason(raw, lws_close_status(UInt32(code)), &words, words.count)
        return -1
    }

    fileprivate func peerCloses(_ id: UInt, _ bytes: UnsafeRawBufferPointer) {
        guard let socket = sockets[id], bytes.count >= 2 else { return }
        let code = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        socket.said = (code, String(decoding: bytes.dropFirst(2), as: UTF8.self))
    }
}
