#!/bin/sh
# Not run by the project's own tests, which have no macOS: signs, packs and notarises what `dev.py bundle` made.
# Without a signature macOS asks the person to allow the program once, in System Settings, Privacy & Security.
#   MEDIA_ASSISTANT_SIGN_AS   "Developer ID Application: Name (TEAM)"; without it the app is sealed, but signed by nobody nor notarised
#   MEDIA_ASSISTANT_NOTARY    the name of a profile that `xcrun notarytool store-credentials` keeps
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
version=$1
app="$root/out/bundle/dist/Media Assistant.app"
image="$root/out/bundle/media-assistant-$version-macos-$(uname -m).dmg"

if [ -n "${MEDIA_ASSISTANT_SIGN_AS:-}" ]; then
    codesign --force --deep --options runtime --timestamp --entitlements "$here/entitlements.plist" \
        --sign "$MEDIA_ASSISTANT_SIGN_AS" "$app"
    codesign --verify --deep --strict "$app"
else
    # Notices came into it since PyInstaller sealed it: sealed again, for nobody.
    codesign --force --deep --sign - "$app"
fi
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname "Media Assistant" -srcfolder "$staging" -ov -format UDZO "$image"
if [ -n "${MEDIA_ASSISTANT_SIGN_AS:-}" ]; then
    codesign --timestamp --sign "$MEDIA_ASSISTANT_SIGN_AS" "$image"
    xcrun notarytool submit "$image" --keychain-profile "$MEDIA_ASSISTANT_NOTARY" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
