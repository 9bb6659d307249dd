using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Millpond.Resp;

namespace Millpond.Redis.Layout;

/// <summary>
/// Names one uninterrupted life of a server in 64 bits, the same for every client and connection: a digest of its run. A restart is another run, and a failover leads to another server.
/// 0 where the server does not say; then nothing tells its lives apart.
/// </summary>
/// <remarks>
/// The replication id is no part of it where there is a run id, although a failover changes that too: a primary takes a new one when its first replica joins, so that those who connected before
/// and after would take each other's records for another life's, and begin a new incarnation in turns. Nor is it needed: a server that is the primary a second time finds the life of its
/// successor in the control records.
/// </remarks>
internal static class ServerLife
{
    public const ulong Unknown = 0;

    private static readonly ConditionalWeakTable<RespServer, object> Lives = [];

    public static ulong Of(RespServer? server) => server is null ? Unknown : (ulong)Lives.GetValue(server, static s => Digest(s));

    private static ulong Digest(RespServer server) =>
        (server.RunId ?? server.ReplicationId) is not { } name ? Unknown : BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) | 1;
}
