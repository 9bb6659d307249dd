namespace Millpond.Resp;

/// <summary>The stable codes of this client's errors. docs/errors.md has a section for each.</summary>
public enum RespErrorCode
{
    /// <summary>MP2001: a configuration string or the options have faults; the message lists all of them.</summary>
    InvalidConfiguration = 2001,

    /// <summary>MP2101: no connection to a node that could serve the command.</summary>
    NotConnected = 2101,

    /// <summary>MP2102: the connection ended while the command was under way; the server may or may not have executed it.</summary>
    ConnectionLost = 2102,

    /// <summary>MP2103: the server refused the handshake: credentials, rights, or a protocol it does not know.</summary>
    HandshakeRefused = 2103,

    /// <summary>MP2104: no reply within the command's time.</summary>
    TimedOut = 2104,

    /// <summary>MP2105: too many commands or bytes are under way or wait already.</summary>
    QueueFull = 2105,

    /// <summary>MP2201: the server answered with an error.</summary>
    ServerError = 2201,

    /// <summary>MP2202: bytes that are no frame, or a frame over a limit.</summary>
    ProtocolViolation = 2202,

    /// <summary>MP2203: a well-formed reply of a shape that the command's reader does not expect.</summary>
    UnexpectedReply = 2203,

    /// <summary>MP2301: a command was written wrongly: not exactly one command, or with other than the announced arguments.</summary>
    MalformedCommand = 2301,

    /// <summary>MP2901: the client has been disposed.</summary>
    Disposed = 2901,
}
