using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dramatiq.Akka.Composition;

/// <summary>
/// Ids of messages that follow from the id of their group. So the step after a group can say which results it wants in a few bytes for each actor, and not in as many as there are
/// members, which each member carries along.
/// </summary>
internal static class MemberIds
{
    /// <summary>The id of the message that is this end of the group: a UUID of version 8, which is for what is made in one's own way.</summary>
    public static string Of(string group, int end)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{group}:{end}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
