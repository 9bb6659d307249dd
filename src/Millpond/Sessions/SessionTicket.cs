using System.Buffers.Binary;
using System.Buffers.Text;
using Millpond.Keyspaces;

namespace Millpond.Sessions;

/// <summary>
/// A session as text. One byte for the format; the home databases with the place that all keys share; the keys with a place of their own; four bytes that tell damage from truth, not friend from foe. Numbers that are often small
/// are written seven bits at a time. Whatever comes in from outside is either understood to its last byte or refused.
/// </summary>
internal static class SessionTicket
{
    private const byte Format = 1;
    private const int SumBytes = 4;

    public static string Write(SessionStamps stamps)
    {
        if (stamps.Floors.Count == 0 && stamps.Keys.Count == 0)
        {
            return "";
        }

        List<ulong> systems = [.. stamps.Floors.Select(floor => floor.System).Concat(stamps.Keys.Select(stamp => stamp.Position.System)).Distinct()];
        var bytes = new List<byte> { Format, (byte)systems.Count };
        foreach (var system in systems)
        {
            // No floor is written as the beginning of everything, which every place reaches.
            var floor = stamps.Floors.FirstOrDefault(one => one.System == system, new HomePosition(system, 0, 0));
            AddWhole(bytes, system);
            AddShort(bytes, floor.Timeline);
            AddShort(bytes, floor.Place);
        }

        bytes.Add((byte)stamps.Keys.Count);
        foreach (var stamp in stamps.Keys)
        {
            bytes.Add((byte)systems.IndexOf(stamp.Position.System));
            AddWhole(bytes, stamp.Key);
            AddShort(bytes, stamp.Position.Timeline);
            AddShort(bytes, stamp.Position.Place);
        }

        var sum = new byte[SumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, SumOf([.. bytes]));
        return Base64Url.EncodeToString([.. bytes, .. sum]);
    }

    /// <summary>Null, and why, for what is no ticket.</summary>
    public static SessionStamps? Read(string? ticket, out string fault)
    {
        fault = "";
        if (string.IsNullOrEmpty(ticket))
        {
            return new SessionStamps();
        }

        if (ticket.Length > Session.TicketCharactersMax)
        {
            fault = $"it has {ticket.Length} characters, and the longest has {Session.TicketCharactersMax}.";
            return null;
        }

        if (!Base64Url.IsValid(ticket))
        {
            fault = "it is not in the URL-safe form of Base64.";
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(ticket);
        if (bytes.Length < SumBytes + 1 || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^SumBytes..)) != SumOf(bytes.AsSpan(..^SumBytes)))
        {
            fault = "its check sum is not that of its content.";
            return null;
        }

        if (bytes[0] != Format)
        {
            fault = $"it is of format {bytes[0]}, and this version of Millpond reads format {Format}.";
            return null;
        }

        var stamps = ReadAll(bytes.AsSpan(1..^SumBytes));
        fault = stamps is null ? "its content is not that of a ticket." : "";
        return stamps;
    }

    private static SessionStamps? ReadAll(ReadOnlySpan<byte> bytes)
    {
        var stamps = new SessionStamps();
        if (!TryTake(ref bytes, out var systemsCount) || systemsCount > Session.SystemsMax)
        {
            return null;
        }

        var systems = new ulong[systemsCount];
        for (var i = 0; i < systems.Length; i++)
        {
            if (!TryWhole(ref bytes, out systems[i]) || !TryPlace(ref bytes, systems[i], out var floor))
            {
                return null;
            }

            if (floor is not { Timeline: 0, Place: 0 })
            {
                stamps.Raise(floor);
            }
        }

        if (!TryTake(ref bytes, out var keys) || keys > Session.KeysMax)
        {
            return null;
        }

        for (var i = 0; i < keys; i++)
        {
            if (!TryTake(ref bytes, out var number) || number >= systems.Length || !TryWhole(ref bytes, out var key) || !TryPlace(ref bytes, systems[number], out var position))
            {
                return null;
            }

            stamps.Add(key, position);
        }

        return bytes.IsEmpty ? stamps : null;
    }

    private static uint SumOf(ReadOnlySpan<byte> bytes) => (uint)PartitionHash.Whole(Convert.ToHexString(bytes));

    private static void AddWhole(List<byte> bytes, ulong number)
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            bytes.Add((byte)(number >> shift));
        }
    }

    private static void AddShort(List<byte> bytes, ulong number)
    {
        while (number >= 0x80)
        {
            bytes.Add((byte)(number | 0x80));
            number >>= 7;
        }

        bytes.Add((byte)number);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out byte value)
    {
        value = bytes.IsEmpty ? (byte)0 : bytes[0];
        if (bytes.IsEmpty)
        {
            return false;
        }

        bytes = bytes[1..];
        return true;
    }

    private static bool TryWhole(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        if (bytes.Length < 8)
        {
            return false;
        }

        number = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        bytes = bytes[8..];
        return true;
    }

    private static bool TryPlace(ref ReadOnlySpan<byte> bytes, ulong system, out HomePosition position)
    {
        position = default;
        if (!TryShort(ref bytes, out var timeline) || timeline > uint.MaxValue || !TryShort(ref bytes, out var place))
        {
            return false;
        }

        position = new HomePosition(system, (uint)timeline, place);
        return true;
    }

    private static bool TryShort(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (!TryTake(ref bytes, out var part) || (shift == 63 && part > 1))
            {
                return false;
            }

            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
