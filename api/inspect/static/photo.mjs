// Photos, made small on the device. What else the camera wrote into the file, such as where
// it was, is left behind.

const longest = 1600 // pixels of the longer side
const most = 1 << 20 // bytes that the service takes

/** @param {Blob} file @returns {Promise<{hash: string, blob: Blob}>} */
export async function shrink(file) {
  const image = await createImageBitmap(file)
  for (const quality of [0.8, 0.6, 0.4]) {
    const blob = await draw(image, quality)
    if (blob && blob.size <= most) return { hash: await digest(blob), blob }
  }
  throw new Error('the picture stays too large')
}

/** @param {ImageBitmap} image @param {number} quality @returns {Promise<Blob | null>} */
function draw(image, quality) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.width * scale))
  canvas.height = Math.max(1, Math.round(image.height * scale))
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', quality))
}

/** @param {Blob} blob */
async function digest(blob) {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  return [...sum].map(b => b.toString(16).padStart(2, '0')).join('')
}
