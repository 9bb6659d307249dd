using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Millpond.Resp;

namespace Millpond.Redis.Layout;

/// <summary>
/// Names one uninterrupted life of a server's data in 64 bits, the same for every client: a digest of its run and of its replication history. A restart changes the first, a failover
/// both. 0 where the server says neither; then nothing tells its lives apart.
/// </summary>
internal static class ServerLife
{
    public const ulong Unknown = 0;

    private static readonly ConditionalWeakTable<RespServer, object> Lives = [];

    public static ulong Of(RespServer? server) => server is null ? Unknown : (ulong)Lives.GetValue(server, static s => Digest(s));

    private static ulong Digest(RespServer server) =>
        server.RunId is null && server.ReplicationId is null
            ? Unknown
            : BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{server.RunId}:{server.ReplicationId}"))) | 1;
}
