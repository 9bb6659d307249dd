namespace Millpond.Resp;

/// <summary>What was under way in a client at one moment. When nobody calls, everything but <see cref="Connections"/> and <see cref="BufferBytes"/> comes to 0, whatever has happened before.</summary>
/// <param name="Connections">Connections in use, those for large values, pushes, sentinels and sessions included; those whose handshake is not done are not.</param>
/// <param name="InFlight">Commands whose reply is still to come, those included whose callers wait no longer.</param>
/// <param name="Waiting">Commands that wait for room, for a connection, or to be sent again.</param>
/// <param name="Undelivered">Callers whose outcome is decided and who were not continued yet.</param>
/// <param name="BufferBytes">Bytes of pooled memory that the connections hold to send from and receive into.</param>
public readonly record struct RespActivity(int Connections, int InFlight, int Waiting, int Undelivered, long BufferBytes);
