using System.Globalization;
using Millpond.Resp;

namespace Millpond.Redis.Watched;

/// <summary>Reads floors out of a sorted set's replies, which the two protocols shape differently.</summary>
internal static class FloorText
{
    public static long Read(RespValue score) => (long)double.Parse(score.Text!, CultureInfo.InvariantCulture);

    public static IEnumerable<(string Scope, long Floor)> ReadAll(RespValue reply)
    {
        if (reply.Items.Count > 0 && reply.Items[0].Items.Count == 2)
        {
            return reply.Items.Select(pair => (pair.Items[0].Text!, Read(pair.Items[1])));
        }

        return Enumerable.Range(0, reply.Items.Count / 2).Select(i => (reply.Items[2 * i].Text!, Read(reply.Items[(2 * i) + 1])));
    }
}
