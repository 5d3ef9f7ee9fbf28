import { expect, test } from 'vitest'
import { placeOf } from './place'

const tower = { latitude: 48.8584, longitude: 2.2945 }

test.each([
  ['48.8584, 2.2945', tower],
  ['48.8584 2.2945', tower],
  ['(48.8584,2.2945)', tower],
  ['48,8584; 2,2945', tower],
  ['48,8584 2,2945', tower],
  ['-23.55052,-46.633308', { latitude: -23.55052, longitude: -46.633308 }],
  ['geo:48.8584,2.2945', tower],
  ['geo:0,0?q=48.8584,2.2945(Torre)', { ...tower, name: 'Torre' }],
  ['geo:48.8584,2.2945;u=35', tower],
  ['https://www.google.com/maps/@48.8584,2.2945,17z', tower],
  ['https://www.google.com/maps?q=48.8584,2.2945', tower],
  ['https://www.google.com/maps/search/?api=1&query=48.8584%2C2.2945', tower],
  ['https://www.google.com/maps/place/Oficina+Central/@48.85,2.29,17z/data=!3m1!4b1!4m6!3m5!1s0x0:0x0!8m2!3d48.8584!4d2.2945', { ...tower, name: 'Oficina Central' }],
  ['https://www.google.com/maps/dir/?api=1&destination=48.8584,2.2945', tower],
  ['https://maps.google.com/?ll=48.8584,2.2945', tower],
  ['https://maps.apple.com/?ll=48.8584,2.2945&q=Garagem', { ...tower, name: 'Garagem' }],
  ['https://www.openstreetmap.org/?mlat=48.8584&mlon=2.2945#map=17/48/2', tower],
  ['https://www.openstreetmap.org/#map=17/48.8584/2.2945', tower],
  ['https://waze.com/ul?ll=48.8584%2C2.2945&navigate=yes', tower],
  ['https://www.bing.com/maps?cp=48.8584~2.2945&lvl=16', tower],
  ['Here: https://www.google.com/maps?q=48.8584,2.2945 see you', tower],
])('reads %s', (text, place) => expect(placeOf(text)).toEqual(place))

test.each([
  [`48°51'30.24"N 2°17'40.2"E`, tower],
  [`S 23°33'1.87" O 46°37'59.91"`, { latitude: -23.55052, longitude: -46.633308 }],
  ['48°51.504′ N, 2°17.67′ E', tower],
])('reads degrees, minutes and seconds: %s', (text, { latitude, longitude }) => {
  const place = placeOf(text) as { latitude: number; longitude: number }
  expect(place.latitude).toBeCloseTo(latitude, 4)
  expect(place.longitude).toBeCloseTo(longitude, 4)
})

test.each(['', 'hello', 'Rua das Flores, 10', '10', '91.5, 20', '20, 181', 'https://example.com/48', 'https://example.com/?q=cafe', '%E0%A4%A'])('finds no point in “%s”', (text) => expect(placeOf(text)).toBeNull())

test('says of a shortened link that it does not tell', () => {
  expect(placeOf('https://maps.app.goo.gl/AbCdEf123')).toBe('shortened')
})
